"""Mail addresses in words: "mario punto rossi chiocciola libero punto it", also letter by letter.

From each at sign the words are read backwards as long as they can be the name before it, and forwards as long
as they can be a domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from actions.mail_slips import bare_domain
from bot.privacy.addresses import ENDINGS, NO_NAMES
from bot.privacy.dictated_domains import domain_in
from bot.privacy.dictation import SAID_SIGN, Part, Token, joint, tokens_of
from bot.privacy.spoken import DASH_WORDS, DOT_WORDS, words
from bot.privacy.values import Value

_AT_WORDS = frozenset(("chiocciola", "chiocciolina"))
_SHORT_AT_WORDS = frozenset(("at", "et"))  # words of a sentence as well
_MAY_HOLD_ONE = re.compile(r"chiocciol|\b[ae]t\b|@", re.IGNORECASE)
_JOINED = frozenset((("tutto", "attaccato"), ("tutto", "unito"), ("tutto", "insieme"), ("tutto", "minuscolo")))
_NO_DOT = frozenset(("questo", "quel", "certo", "quale"))  # "a questo punto mario chiocciola …"
_MOST_TOKENS = 40
_MOST_NAMES = 3
# Words that stand before an address in a sentence, and are no part of it though nothing says so.
_ORDINARY = frozenset(
    words("""
    account accesso accedo accedere adesso allora anche ancora anzi appunto avevo casella ciao col come con contatto
    corretta corretto cosa così credo dalla dalle dal dare dato della delle del dico dove dovrebbe ecco email
    entrare entro era erano esatta esatto essere fare forse giusta giusto già grazie ha hai hanno ho impostata indirizzo
    finisce
    inserisco inserita inserito invece invito login mail mando mandata mandate mandato messo messa metto mia miei
    mio mie nella nelle nel nome nostra nostro nuova nuovo oggi ora ovvero oppure perché però personale poi portale
    posta principale prova provato proverei provo puoi quale quella quello quelle quelli questa questo qui registrata
    registrato risulta salve scritta scritto scrivere scrivete scrivetemi scrivi scrivo sarebbe sia sono
    spedita stata stato sua suo sulla sul tipo tramite trova trovate usata usato usavo username uso user utente
    utenza utilizzo vecchia vecchio vorrei vostra vostro
    """)
)
_TO = frozenset(("scrivo", "scrivi", "scrivete", "scrivetemi", "mandate", "mandatemi", "inviate", "arriva", "mandata"))


def dictated_addresses(text: str) -> Iterator[Value]:
    """Addresses with a word for the at sign, or for a dot or dash in them."""
    if not _MAY_HOLD_ONE.search(text):
        return
    has_words = bool(SAID_SIGN.search(text))
    tokens = tokens_of(text)
    floor = 0
    for index, token in enumerate(tokens):
        word = token.word.lower()
        if index < floor or not (word in _AT_WORDS or word in _SHORT_AT_WORDS or (word == "@" and has_words)):
            continue
        local = _local(text, tokens[max(floor, index - _MOST_TOKENS) : index])
        domain = domain_in(tokens[index + 1 : index + 1 + _MOST_TOKENS])
        if local is None or domain is None or not _is_address(word, local, domain):
            continue
        before = text[local.tokens[-1].end : token.start]
        after = text[token.end : tokens[index + 1].end]
        if _is_apart(before, after, local):
            continue
        end = domain.tokens[-1].end
        start = local.tokens[0].start
        yield Value("email", start, end, text[start:end], f"{local.written}@{domain.written}")
        floor = index + 1 + len(domain.tokens)


def _is_address(at: str, local: Part, domain: Part) -> bool:
    last = local.tokens[-1]
    if last.word.lower() in NO_NAMES and (len(local.tokens) == 1 or not last.spelled):
        return False  # a domain alone
    ending = domain.written.rpartition(".")[2]
    if at == "@":  # without a word in it, it is found as it is written
        return (local.is_said or domain.is_said) and ("." in domain.written or bare_domain(domain.written) is not None)
    if at in _SHORT_AT_WORDS:
        return "." in domain.written and ending in ENDINGS
    return "." in domain.written or "," in domain.written or bare_domain(domain.written) is not None


def _is_apart(before: str, after: str, local: Part) -> bool:
    """Whether the word before a break is of the sentence: "Buongiorno, chiocciola gmail punto com"."""
    is_broken = ("," in before and "," not in after) or ("\n" in before and "\n" not in after)
    is_plain = local.written.isalpha() and not local.is_said and local.tokens[-1].spelled is None
    return is_broken and is_plain and "attaccato" not in before


def _local(text: str, tokens: Sequence[Token]) -> Part | None:
    """The name that ends here, read backwards."""
    place = len(tokens)
    while place and tokens[place - 1].word == ",":
        place -= 1
    is_joined = place > 1 and (tokens[place - 2].word.lower(), tokens[place - 1].word.lower()) in _JOINED
    place -= 2 if is_joined else 0
    written: list[str] = []
    taken: list[Token] = []
    names = 0
    while place:
        sign, width = joint(tokens, place)
        if sign and (taken or sign in "_-"):
            if not taken or written[-1] in "._-+" or (place > width and _is_no_dot(tokens, place, width)):
                break
            written.append(sign)
            taken += reversed(tokens[place - width : place])
            place -= width
            continue
        token = tokens[place - 1]
        if token.word == "," and taken and _is_dictated(tokens, place - 1, taken[-1], written[-1]):
            place -= 1
            continue
        if not _belongs(text, token, taken, written, names, is_joined):
            break
        names += token.spelled is None and token.word.isalpha()
        written.append(token.spelled or token.word)
        taken.append(token)
        place -= 1
    while written and written[-1] in "._-+":  # nothing before it: a sign of the sentence
        width = 2 if written[-1] in "_-" and taken[-1].word.lower() not in (*DASH_WORDS, "_", "-") else 1
        taken, written = taken[:-width], written[:-1]
    if len(taken) > 1 and _is_of_sentence(taken[-1], tokens[place - 1] if place else None):
        taken, written = taken[:-1], written[:-1]
    if not taken:
        return None
    return Part(taken[::-1], "".join(reversed(written)))


def _is_no_dot(tokens: Sequence[Token], place: int, width: int) -> bool:
    """Whether what could be a dot or dash is one of the sentence: "a questo punto", "entro. Mario"."""
    before, sign = tokens[place - width - 1], tokens[place - width]
    if sign.word.isalpha():
        return before.word.lower() in _NO_DOT
    after = tokens[place] if place < len(tokens) else None
    return before.end != sign.start or (after is not None and after.start != sign.end)


def _is_dictated(tokens: Sequence[Token], comma: int, after: Token, written: str) -> bool:
    """Whether a comma stands between two things that are dictated one by one."""
    if not comma:
        return False
    before = tokens[comma - 1]
    is_sign = before.word.lower() in DOT_WORDS or before.word.lower() in DASH_WORDS
    return is_sign or (written in "._-" and before.word.isalnum()) or bool(before.spelled and after.spelled)


def _belongs(
    text: str, token: Token, taken: Sequence[Token], written: Sequence[str], names: int, is_joined: bool
) -> bool:
    """Whether a word belongs to the name that goes on after it."""
    if not token.word[0].isalnum():
        return False
    if not taken or written[-1] in "._-+":
        return True
    after = taken[-1]
    if token.spelled and after.spelled:
        return not (len(token.word) == 1 and not token.word.isascii())
    if token.spelled or "\n" in text[token.end : after.start]:
        return False
    if after.word.isdigit() or (after.spelled or "").isdigit():
        return token.word.isalpha() and token.word.lower() not in NO_NAMES
    if any(sign in "._-+" for sign in written) or after.spelled or names >= _MOST_NAMES:
        return False
    is_name = token.word.isalpha() and len(token.word) > 2 and token.word.lower() not in _ORDINARY
    return is_name or (is_joined and names < 2 and token.word.isalpha() and token.word.lower() not in NO_NAMES)


def _is_of_sentence(first: Token, before: Token | None) -> bool:
    """Whether the first letter is a word: "scrivete a emme a erre …", "la mail di a enne …"."""
    word = first.word.lower()
    if before is None or word not in ("a", "di", "e"):
        return False
    said = before.word.lower()
    return (word == "a" and said in _TO) or (word == "di" and said in _ORDINARY)
