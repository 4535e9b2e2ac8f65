"""Mail addresses in what people type: as they should be, with slips, without their @, and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from actions.mail_domains import ENDING_SLIPS, UNMISTAKABLE
from actions.mail_slips import bare_domain, without_at
from bot.privacy.values import Value

_ENDINGS = frozenset(("com", "it", "net", "org", "eu", "de", "at", "ch", "info", "biz", "fr", "es", "uk", "me"))
_ENDINGS_APART = _ENDINGS - {"at", "es", "info", "me"}  # those that are no words of a sentence
_AT = re.compile(r"\s{0,3}(?:[@＠﹫]{1,3}|[(\[{]\s?(?:@|at|et|chiocciola|chiocciolina)\s?[)\]}])\s{0,3}", re.IGNORECASE)
# Read backwards from the at sign. A word that begins with a dot belongs to the one before: "mario .rossi".
_LOCAL_CHARACTER = r"[^\s@＠﹫<>()\[\]{}:;,\"“”«»/=\\|￼]"
_LOCAL_BACKWARDS = re.compile(rf"{_LOCAL_CHARACTER}{{1,64}}(?:(?<=[._])\s{{1,2}}{_LOCAL_CHARACTER}{{1,40}})?")
_LABEL = re.compile(r"[^\W_][\w-]{0,62}")
_SEPARATOR = re.compile(
    r"(?P<blank>\s{0,2})(?:(?P<sign>[.,]{1,3})\s{0,2}|(?<=\s)(?P<word>punto|dot|punkt)\s{1,2})", re.IGNORECASE
)
_ENDING_APART = re.compile(r"\s(com|it|de|net)\b", re.IGNORECASE)
_MOST_LABELS = 8

_TOKEN = re.compile(r"[\w.+'-]{3,80}")
_SHORT_LOCAL = 5  # below it, a word may just end like a provider

_DOT_WORD = r"(?:punto|dot|punkt)"
_JOINT = rf"(?:\s{{1,3}}(?:{_DOT_WORD}|trattino\s(?:basso|alto)|trattino|underscore|meno|lineetta)\s{{1,3}}|[.+-])"
_AT_WORD = r"\s{1,3}(?P<at>chiocciol(?:a|ina)|at|et|@)\s{1,3}"
_HAS_AT_WORD = re.compile(_AT_WORD, re.IGNORECASE)
_HAS_DOT_WORD = re.compile(rf"\s{_DOT_WORD}\s", re.IGNORECASE)
_SPELLED = re.compile(
    rf"(?<!\w)(?!(?:questo|quel|certo)\s)\w{{1,40}}(?:{_JOINT}\w{{1,40}}){{0,6}}(?:\s\d{{1,4}})?{_AT_WORD}"
    rf"(?P<domain>\w{{1,40}}(?:(?:\s{{1,3}}(?:{_DOT_WORD}|trattino)\s{{1,3}}|\s?[.,-]\s?)\w{{1,30}}){{0,5}}"
    r"(?:\s(?:com|it|de|net)\b)?)",
    re.IGNORECASE,
)
# What stands before the at sign where only a domain is meant: "finisce con chiocciola gmail punto com".
_NO_NAMES = frozenset(
    (
        "a",
        "al",
        "alla",
        "con",
        "da",
        "di",
        "dopo",
        "e",
        "finisce",
        "in",
        "la",
        "o",
        "per",
        "scrivo",
        "su",
        "una",
        "è",
    )
)
_WRITTEN = (
    (re.compile(r"\s+(?:trattino\s+basso|underscore)\s+", re.IGNORECASE), "_"),
    (re.compile(r"\s+(?:trattino(?:\s+alto)?|meno|lineetta)\s+", re.IGNORECASE), "-"),
    (re.compile(rf"\s+{_DOT_WORD}\s+", re.IGNORECASE), "."),
    (re.compile(r"\s+(?=(?:com|it|de|net)$)", re.IGNORECASE), "."),
    (re.compile(r"\s+"), ""),
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
        is_word = typed.lower() in _NO_NAMES or (text[:start].strip() and not _is_name(typed))
        if at.group()[0].isspace() and is_word:
            continue  # "scrivo @gmail.com": a domain alone
        address = f"{''.join(typed.split())}{sign if is_glued and sign.strip('@') == '' else '@'}{written}"
        yield Value("email", start, end, text[start:end], address)
        position = end


def _domain(text: str, start: int) -> tuple[int, str] | None:
    """Where a domain that begins here ends, and how it is written without blanks; its slips stay."""
    label = _LABEL.match(text, start)
    if label is None:
        return None
    written, end = label.group().lower(), label.end()
    complete: tuple[int, str] | None = None  # as far as a common ending
    for _ in range(_MOST_LABELS):
        ending = written.rpartition(".")[2]
        is_complete = "." in written and (ending in _ENDINGS or ending in ENDING_SLIPS)
        complete = (end, written) if is_complete else complete
        following = _next_label(text, end, is_complete, written)
        if following is None:
            break
        sign, label = following
        written, end = f"{written}{sign}{label.group().lower()}", label.end()
    last = re.split("[.,]", written)[-1]
    if complete and last not in _ENDINGS and last not in ENDING_SLIPS:
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
    if has_blanks and (is_complete or ending not in _ENDINGS_APART):
        return None
    if "," in sign and (is_complete or not (ending in _ENDINGS or ending in ENDING_SLIPS)):
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


def spelled_addresses(text: str) -> Iterator[Value]:
    """Addresses with "chiocciola" or "at" for the at sign."""
    if not _HAS_AT_WORD.search(text):
        return
    for match in _SPELLED.finditer(text):
        local = _written(text[match.start() : match.start("at")].rstrip())
        domain = _domain(text, match.start("domain"))
        if domain is None:
            continue
        end, written = domain
        if match["at"] == "@":  # in words only if its dot is; else `addresses` finds it
            is_domain = bool(_HAS_DOT_WORD.search(match["domain"]))
        elif match["at"].lower() in ("at", "et"):
            is_domain = written.rpartition(".")[2] in _ENDINGS
        else:
            is_domain = "." in written or "," in written or bare_domain(written) is not None
        if " trattino " in match["domain"]:
            end, written = match.end(), _written(match["domain"]).lower()
            is_domain = "." in written
        if is_domain and local.lower() not in _NO_NAMES:
            raw = text[match.start() : end]
            yield Value("email", match.start(), end, raw, f"{local}@{written}")


def _written(spelled: str) -> str:
    for pattern, sign in _WRITTEN:
        spelled = pattern.sub(sign, spelled)
    return spelled
