"""Writing noise: what messages lose on their way through fingers and keyboards. A seed makes the same noise again."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping

SHARE_OF_WORDS = 0.1
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {key: row[max(0, i - 1) : i] + row[i + 1 : i + 2] for row in _ROWS for i, key in enumerate(row)}
_WORD = re.compile(r"[^\W\d_]{3,}")


def with_slip(word: str, draw: random.Random) -> str:
    """The word with one slip after its first letter: two letters swapped, one dropped, doubled, or hit beside."""
    at = draw.randrange(1, len(word))
    slip = draw.choice(("swap", "drop", "double", "beside"))
    if slip == "swap":
        at = min(at, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if slip == "drop":
        return word[:at] + word[at + 1 :]
    if slip == "double":
        return word[:at] + word[at] + word[at:]
    beside = NEIGHBOURS.get(word[at].lower(), word[at])
    return word[:at] + draw.choice(beside) + word[at + 1 :]


def with_typos(text: str, seed: int, share: float = SHARE_OF_WORDS) -> str:
    """The text with a slip in this share of its words, at random; words below three letters stay as they are.

    Personal values (anything with an @ or a digit beside letters) are left alone: typing them is another matter.
    """
    draw = random.Random(f"{seed} {text}")

    def word_or_slip(match: re.Match[str]) -> str:
        return with_slip(match.group(), draw) if draw.random() < share else match.group()

    return "".join(
        part if re.search(r"[@\d⟨⟩]", part) else _WORD.sub(word_or_slip, part) for part in re.split(r"(\s+)", text)
    )


def without_accents(text: str) -> str:
    """The text with bare letters: `perche`."""
    return unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", text)))


def in_capitals(text: str) -> str:
    """The text as if the capitals key were locked."""
    return text.upper()


def without_punctuation(text: str) -> str:
    """The text without signs, except inside addresses, codes and numbers."""
    words = (re.sub(r"^[^\w⟨@]+|[^\w⟩]+$", "", word) for word in re.sub(r"(?<=[^\W\d])['’](?=\w)", " ", text).split())
    return " ".join(word for word in words if word)


NOISES: Mapping[str, Callable[[str], str]] = {
    "typos": lambda text: with_typos(text, seed=1),
    "without accents": without_accents,
    "in capitals": in_capitals,
    "without punctuation": without_punctuation,
}
