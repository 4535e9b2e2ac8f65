"""The domain of a dictated mail address: "gmail punto com", "gi mail com", "libero, punto, it"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.mail_domains import ENDING_SLIPS
from actions.mail_slips import bare_domain
from bot.privacy.addresses import ENDINGS, ENDINGS_APART
from bot.privacy.dictation import SAID_SIGN, Part, Token, joint
from bot.privacy.spoken import DOT_WORDS

_MOST_WORDS_OF_LABEL = 3
_MOST_LABELS = 6


def domain_in(tokens: Sequence[Token]) -> Part | None:
    """The domain that begins here."""
    place = 0
    while place < len(tokens) and tokens[place].word == ",":
        place += 1
    label = _label(tokens, place, is_first=True)
    if label is None:
        return None
    written, place = label
    complete: tuple[str, int] | None = None  # as far as a common ending
    for _ in range(_MOST_LABELS):
        ending = written.rpartition(".")[2]
        is_complete = "." in written and (ending in ENDINGS or ending in ENDING_SLIPS)
        complete = (written, place) if is_complete else complete
        following = _next_label(tokens, place, written, is_complete)
        if following is None:
            break
        written, place = following
    last = re.split("[.,]", written)[-1]
    if complete and last not in ENDINGS and last not in ENDING_SLIPS:
        written, place = complete
    return Part(tokens[:place], written)


def _label(tokens: Sequence[Token], place: int, is_first: bool) -> tuple[str, int] | None:
    """A label: a word, letters one by one, or at the beginning a few words that a dot follows."""
    if place >= len(tokens) or not tokens[place].word[0].isalnum():
        return None
    token = tokens[place]
    if token.spelled and len(token.word) < 5 and token.word.lower() not in ENDINGS:
        return _spelled_label(tokens, place, is_first)
    if not is_first:
        return token.word.lower(), place + 1
    label, end = token.word.lower(), place + 1
    for following in tokens[end : end + _MOST_WORDS_OF_LABEL]:
        if bare_domain(label) or not following.word.isalnum() or joint(tokens, end + 1)[0]:
            break
        end += 1
        label += following.word.lower()
    is_dotted = end < len(tokens) and tokens[end].word.lower() in DOT_WORDS
    return (label, end) if is_dotted else (token.word.lower(), place + 1)


def _spelled_label(tokens: Sequence[Token], place: int, is_first: bool) -> tuple[str, int]:
    written, end = "", place
    while end < len(tokens):
        token = tokens[end]
        if token.word == "," and written and end + 1 < len(tokens) and tokens[end + 1].spelled:
            end += 1
            continue
        if not token.spelled:
            break
        longer = written + token.spelled.lower()
        if not is_first and written in ENDINGS and not any(known.startswith(longer) for known in ENDINGS):
            break
        written, end = longer, end + 1
    if is_first and end < len(tokens) and bare_domain(written + tokens[end].word.lower()):
        return written + tokens[end].word.lower(), end + 1  # "gi mail"
    return written, end


def _next_label(tokens: Sequence[Token], place: int, written: str, is_complete: bool) -> tuple[str, int] | None:
    """The domain with one more label, and where it ends; None if the sentence goes on here."""
    start = place
    while place < len(tokens) and tokens[place].word == "," and tokens[place].start != tokens[place - 1].end:
        place += 1
    is_comma = place + 1 < len(tokens) and tokens[place].word == ","
    if is_comma and SAID_SIGN.fullmatch(tokens[place + 1].word):
        place += 1  # "libero, punto, it"
    if place + 1 >= len(tokens):
        return _ending_apart(tokens, start, written)
    sign = tokens[place]
    word = sign.word.lower()
    if word in DOT_WORDS:
        after = place + 1 + (tokens[place + 1].word == ",")
        label = None if is_complete else _label(tokens, after, is_first=False)
        return (f"{written}.{label[0]}", label[1]) if label else None
    if word in ("trattino", "lineetta", "meno") and "." not in written:
        label = _label(tokens, place + 1, is_first=False)
        return (f"{written}-{label[0]}", label[1]) if label else None
    if word not in ".,-":
        return _ending_apart(tokens, start, written)
    label = _label(tokens, place + 1, is_first=False)
    if label is None:
        return None
    is_known = label[0] in ENDINGS or label[0] in ENDING_SLIPS
    has_blanks = sign.start != tokens[place - 1].end or tokens[place + 1].start != sign.end
    if has_blanks and (is_complete or word == "-" or label[0] not in ENDINGS_APART):
        return None
    if word == "," and (is_complete or not is_known):
        return None
    return f"{written}{word}{label[0]}", label[1]


def _ending_apart(tokens: Sequence[Token], place: int, written: str) -> tuple[str, int] | None:
    """ "gmail com" """
    if place >= len(tokens) or "." in written or not bare_domain(written):
        return None
    word = tokens[place].word.lower()
    return (f"{written}.{word}", place + 1) if word in ("com", "it", "de", "net") else None
