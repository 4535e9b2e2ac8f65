"""The words and signs of a dictated mail address, and what each of them says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.privacy.spoken import DASH_WORDS, DOT_WORDS, LETTER_NAMES, digits_of

SAID_SIGN = re.compile(rf"\b(?:{'|'.join((*DOT_WORDS, *DASH_WORDS))})\b", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\S")


class Token(NamedTuple):
    """A word or sign, where it stands."""

    start: int
    end: int
    word: str

    @property
    def spelled(self) -> str | None:
        """The letter or digits that the word names or is."""
        if len(self.word) == 1 and self.word.isalnum():
            return self.word
        letter = LETTER_NAMES.get(self.word.lower())
        return letter.lower() if letter else digits_of(self.word)


def tokens_of(text: str) -> list[Token]:
    """The words and signs of a text, in order."""
    return [Token(*match.span(), match.group()) for match in _TOKEN.finditer(text)]


class Part(NamedTuple):
    """One side of an address: its tokens, and how it is written."""

    tokens: Sequence[Token]
    written: str

    @property
    def is_said(self) -> bool:
        """Whether a word stands for one of its dots or dashes."""
        return any(token.word.lower() in DOT_WORDS or token.word.lower() in DASH_WORDS for token in self.tokens)


def joint(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    """The dot or dash that ends at this place and how many tokens say it."""
    word = tokens[place - 1].word.lower()
    if word in DOT_WORDS:
        return ".", 1
    if word in ("basso", "alto") and place > 1 and tokens[place - 2].word.lower() == "trattino":
        return ("_" if word == "basso" else "-"), 2
    if word in DASH_WORDS:
        return DASH_WORDS[word], 1
    if word in ".-_+" and place > 1:
        return word, 1
    return "", 0
