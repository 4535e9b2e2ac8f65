"""Names in typed sentences: which words may be one, and how alike two spellings of one are.

Nothing here knows a database. A name word is kept with its `spelling_keys`; two words that share a key differ by at
most one slip, so that an index lookup finds every candidate, on any database.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import OSA

LONGEST_WORD = 64
ALIKE = 0.7  # similarity from which another spelling counts as the same name
_SHORTEST_WITH_SLIP = 4  # letters; in shorter words every slip makes another name
_SAME_SOUND = 0.95
_BEGINNING = 0.85
_SHORTEST_BEGINNING = 4
_SHORT_TEXT = 3  # words; somebody who writes no more than that writes a name
_WORD = re.compile(r"[^\W\d_]{2,}")
_REFERENCE = re.compile(r"⟨[^⟩]*⟩")
_SENTENCE_END = tuple('.!?:;\n«»"“”(')
# Spellings of one sound, in Italian and German names: what a person who only hears the name may write.
_SOUNDS = (
    (re.compile(r"sch"), "s"),
    (re.compile(r"c?k|ch|qu?|c(?=[^ei]|$)"), "k"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"[yj]"), "i"),
    (re.compile(r"w"), "v"),
    (re.compile(r"([aou])e"), r"\1"),
    (re.compile(r"h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


@dataclass(frozen=True)
class SpokenWord:
    """A word of a message, folded. ``is_name`` if the way it is written says that it is one."""

    text: str
    is_name: bool
    is_ordinary: bool


def fold(text: str) -> str:
    """Text for comparing: no accents, no letter case."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def ordinary_words() -> frozenset[str]:
    """Folded words that name nobody in lower case."""
    return _words_in("ordinary_words.txt")


def titles() -> frozenset[str]:
    """Folded words after which a name follows: `sig.`, `inquilina`."""
    return _words_in("titles.txt")


def given_names() -> frozenset[str]:
    """Folded first names, each of which means somebody else than the ones that resemble it."""
    return _words_in("given_names.txt")


def first_name(name: str) -> str:
    """How a letter addresses somebody: the first word of a name that is no title."""
    parts = name.split()
    return next((part for part in parts if not set(_WORD.findall(fold(part))) <= titles()), parts[0])


@functools.lru_cache
def _words_in(file: str) -> frozenset[str]:
    lines = Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def name_words(name: str) -> set[str]:
    """The folded words of a name by which a contact is found."""
    return {fold(word)[:LONGEST_WORD] for word in _WORD.findall(name)}


def spoken_words(text: str) -> list[SpokenWord]:
    """The words of a message in order, each once: written as a name, ordinary, or neither."""
    text = _REFERENCE.sub(" . ", text)
    shouts = text.isupper()
    found = list(_WORD.finditer(text))
    ordinary = ordinary_words()
    words: dict[str, SpokenWord] = {}
    before = ""
    for match in found:
        raw = match.group()
        folded = fold(raw)[:LONGEST_WORD]
        begins = not text[: match.start()].rstrip(" '’") or text[: match.start()].rstrip(" ").endswith(_SENTENCE_END)
        is_written_large = raw[0].isupper() and not shouts and not (begins and folded in ordinary)
        is_ordinary = folded in ordinary or folded in titles()
        follows_title = before in titles() and not is_ordinary
        is_name = is_written_large or follows_title or (len(found) <= _SHORT_TEXT and not is_ordinary)
        if is_written_large and is_ordinary and (raw.isupper() or folded in titles()):
            is_name = False
        if folded not in words or is_name:
            words[folded] = SpokenWord(folded, is_name, is_ordinary)
        before = folded
    if len(found) <= 2 and all(word.is_ordinary for word in words.values()):
        return [SpokenWord(word.text, False, False) for word in words.values()]
    return list(words.values())


def sound_of(word: str) -> str:
    """A folded word as it sounds: double letters, ``h`` and foreign spellings do not count."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word


def spelling_keys(word: str) -> set[str]:
    """What a folded word shares with every word that differs by one slip in its sound."""
    sound = sound_of(word)
    if len(sound) < _SHORTEST_WITH_SLIP:
        return {sound} if sound else {word}
    return {sound, *(sound[:position] + sound[position + 1 :] for position in range(len(sound)))}


def is_same(typed: str, word: str) -> bool:
    """Whether two folded words are one name, by their letters, their sound, or as the beginning of a longer one."""
    return typed == word or sound_of(typed) == sound_of(word) or word.startswith(typed)


def similarity(typed: str, word: str) -> float:
    """How alike two folded words are: 1 the same, below `ALIKE` different names."""
    if typed == word:
        return 1.0
    if min(len(typed), len(word)) < _SHORTEST_WITH_SLIP:
        return 0.0
    if sound_of(typed) == sound_of(word):
        return _SAME_SOUND
    if len(typed) >= _SHORTEST_BEGINNING and word.startswith(typed):
        return _BEGINNING
    return float(OSA.normalized_similarity(typed, word))
