"""Mail addresses in what people type: as they should be, with slips, and without their @."""

from __future__ import annotations

import re
from collections.abc import Iterator

from actions.mail_domains import ENDING_SLIPS, PROVIDERS, UNMISTAKABLE
from actions.mail_slips import bare_domain, without_at
from bot.privacy.spoken import words
from bot.privacy.values import Value

ENDINGS = frozenset(("com", "it", "net", "org", "eu", "de", "at", "ch", "info", "biz", "fr", "es", "uk", "me"))
ENDINGS_APART = ENDINGS - {"at", "es", "info", "me"}  # those that are no words of a sentence
_AT = re.compile(r"\s{0,3}(?:[@＠﹫]{1,3}|[(\[{]\s?(?:@|at|et|chiocciola|chiocciolina)\s?[)\]}])\s{0,3}", re.IGNORECASE)
# Read backwards from the at sign. A word that begins with a dot belongs to the one before: "mario .rossi".
_LOCAL_CHARACTER = r"[^\s@＠﹫<>()\[\]{}:;,\"“”«»/=\\|￼]"
_LOCAL_BACKWARDS = re.compile(rf"{_LOCAL_CHARACTER}{{1,64}}(?:(?<=[._])\s{{1,2}}{_LOCAL_CHARACTER}{{1,40}})?")
_LABEL = re.compile(r"[^\W_][\w-]{0,62}")
_BROKEN_LABEL = re.compile(  # over the end of a line: "exam\nple.com"
    rf"\n[^\W_][\w-]{{0,40}}(?=\.(?:{'|'.join(sorted(ENDINGS))})(?![\w.]))", re.IGNORECASE
)
_SEPARATOR = re.compile(
    r"(?P<blank>\s{0,2})(?:(?P<sign>[.,]{1,3})\s{0,2}|(?<=\s)(?P<word>punto|dot|punkt)\s{1,2})", re.IGNORECASE
)
_ENDING_APART = re.compile(r"\s(com|it|de|net)\b", re.IGNORECASE)
_MOST_LABELS = 8

_TOKEN = re.compile(r"[\w.+'-]{3,80}")
_SHORT_LOCAL = 5  # below it, a word may just end like a provider

# What stands before the at sign where only a domain is meant: "finisce con chiocciola gmail punto com".
NO_NAMES = frozenset(
    words("a al alla con da dalla del della di dopo e finisce il in la look nella o per prima scrivo su sulla una è")
)


def addresses(text: str) -> Iterator[Value]:
    """Addresses with an at sign, also in brackets or with blanks around it."""
    backwards = ""
    position = 0
    for at in _AT.finditer(text):
        backwards = backwards or text[::-1]
        local = _LOCAL_BACKWARDS.match(backwards, len(text) - at.start(), len(text) - position)
        if local is None:
            continue
        typed = local.group()[::-1].lstrip(".-'’*!?#&%~^`´")
        domain = _domain(text, at.end())
        if not typed or domain is None:
            continue
        end, written = domain
        sign = at.group().strip()
        is_glued = at.group() == sign and "@" in sign
        if "." not in written and "," not in written and not is_glued and bare_domain(written) is None:
            continue
        start = at.start() - len(typed)
        if at.group()[0].isspace() and _is_domain_alone(text[:start], typed, at.group(), written):
            continue
        address = f"{''.join(typed.split())}{sign if is_glued and sign.strip('@') == '' else '@'}{written}"
        yield Value("email", start, end, text[start:end], address)
        position = end


def _is_domain_alone(before: str, typed: str, at: str, domain: str) -> bool:
    """Whether the word before the at sign is one of the sentence: "scrivo @gmail.com"."""
    if typed.lower() in NO_NAMES:
        return True
    if not before.strip() or _is_name(typed):
        return False
    is_apart = at[-1].isspace() and "." in domain
    return not is_apart and (domain in PROVIDERS or bare_domain(domain) is not None)


def _domain(text: str, start: int) -> tuple[int, str] | None:
    """Where a domain that begins here ends, and how it is written without blanks; its slips stay."""
    label = _LABEL.match(text, start)
    if label is None:
        return None
    written, end = label.group().lower(), label.end()
    broken = _BROKEN_LABEL.match(text, end)
    if broken and bare_domain(written) is None:
        written, end = written + broken.group().strip().lower(), broken.end()
    complete: tuple[int, str] | None = None  # as far as a common ending
    for _ in range(_MOST_LABELS):
        ending = written.rpartition(".")[2]
        is_complete = "." in written and (ending in ENDINGS or ending in ENDING_SLIPS)
        complete = (end, written) if is_complete else complete
        following = _next_label(text, end, is_complete, written)
        if following is None:
            break
        sign, label = following
        written, end = f"{written}{sign}{label.group().lower()}", label.end()
    last = re.split("[.,]", written)[-1]
    ending, dash, _ = last.partition("-")
    if dash and ending in ENDINGS_APART and written != last:  # "libero.it-grazie"
        surplus = len(last) - len(ending)
        return end - surplus, written[:-surplus]
    if complete and last not in ENDINGS and last not in ENDING_SLIPS:
        return complete
    dashes = len(written) - len(written.rstrip("-_"))
    return (end - dashes, written[: len(written) - dashes])


def _next_label(text: str, end: int, is_complete: bool, written: str) -> tuple[str, re.Match[str]] | None:
    """The sign between two labels and the second one; None if the sentence goes on here."""
    separator = _SEPARATOR.match(text, end)
    if separator is None:
        apart = _ENDING_APART.match(text, end)
        label = _LABEL.match(text, apart.start(1)) if apart else None
        return (".", label) if label and "." not in written and bare_domain(written) else None
    label = _LABEL.match(text, separator.end())
    if label is None:
        return None
    ending = label.group().lower()
    if separator["word"]:
        return (".", label) if not is_complete else None
    sign = separator["sign"]
    has_blanks = separator.end() - separator.start() > len(sign)
    if has_blanks and (is_complete or ending not in ENDINGS_APART):
        return None
    if "," in sign and (is_complete or not (ending in ENDINGS or ending in ENDING_SLIPS)):
        return None
    return sign, label


def addresses_without_at(text: str) -> Iterator[Value]:
    """Addresses whose at sign is missing or a blank, in front of a provider that nothing else ends in."""
    before: re.Match[str] | None = None
    for token in _TOKEN.finditer(text) if "." in text else ():
        typed = token.group().rstrip(".'-")
        if typed.lower().endswith(UNMISTAKABLE):
            found = _without_at(text, token.start(), typed, before)
            if found:
                yield found
        before = token


def _without_at(text: str, start: int, typed: str, before: re.Match[str] | None) -> Value | None:
    end = start + len(typed)
    if typed.lower() in UNMISTAKABLE:
        if before is None or not text[before.end() : start].isspace() or not _is_name(before.group()):
            return None
        return Value("email", before.start(), end, text[before.start() : end], f"{before.group()}@{typed}")
    repaired = without_at(typed)
    if repaired is None or (start and text[start - 1] in "/@"):
        return None
    local, _, domain = repaired.rpartition("@")
    is_host = typed[: -len(domain)].endswith(".") and not _is_name(local)
    if is_host or (len(local) < _SHORT_LOCAL and not _is_name(local)):
        return None
    return Value("email", start, end, typed, typed)


def _is_name(token: str) -> bool:
    """Whether a word is written as only the part before an at sign is: "mario.rossi", "mario75"."""
    return token[0].isalpha() and token[-1].isalnum() and any(c in "._" or c.isdigit() for c in token[1:])
