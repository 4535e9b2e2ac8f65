"""Addresses in typed sentences: `v. Roma 12/4`, `via Roma 12 int. 4`, `Piave 3`, `tutta via Piave`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from actions.accounts.names import fold, ordinary_words
from actions.accounts.units import units_in

_NEAR = 84  # per cent of likeness from which another spelling of a street counts as the same
_MOST_NAME_WORDS = 4
_SHORT_FORMS = {
    "via": r"via|v\.",
    "viale": r"viale|v\.?le",
    "piazzale": r"piazzale|p\.?le",
    "piazza": r"piazza|p\.?z?za",
    "corso": r"corso|c\.?so",
    "vicolo": r"vicolo|vic\.",
    "largo": r"largo|l\.?go",
    "strada": r"strada|str\.",
    "contrada": r"contrada|c\.?da",
    "salita": r"salita",
    "galleria": r"galleria",
}
_PARTICLES = {
    *("di", "del", "della", "dei", "delle", "dello", "degli", "dell", "d"),
    *("san", "santa", "a", "al", "alla", "alle", "ai"),
}
_KIND = "|".join(f"(?:{forms})" for forms in _SHORT_FORMS.values())
_STREET = re.compile(rf"(?<![\w.])(?P<kind>{_KIND})(?:(?<=\.)\s*|\s+)(?P<rest>[\w'’ .-]{{2,80}})")
_BARE = re.compile(r"(?<![\w/])(?P<name>[^\W\d_]{3,})\s+(?P<number>\d{1,4})(?![\w-])")
_NUMBER = re.compile(r"\s*,?\s*(?:n\.?|nr\.?|num\.?|numero|civico)?\s*(?P<number>\d+[a-z]?)\b")
_NUMBER_AND_UNIT = re.compile(r"(?P<number>\d+[a-z]?)(?:\s?/\s?(?P<unit>\w+))?")
_JOINT = re.compile(r"\b(?:e|ed|o|oppure|anche|pure|poi)\s+|[;.]\s+")
_FURTHER = re.compile(
    r"\s+(?:e|ed|o)\s+(?:al\s+|il\s+|n\.?\s*)?(?P<number>\d{1,4}[a-z]?)\b(?!\s*(?:giorn|gg|settiman|mes|ann))"
)


@dataclass(frozen=True)
class Place:
    """A place that a message names: words of a street, perhaps a number and a unit."""

    street: str
    number: str | None
    units: frozenset[str]
    start: int
    end: int
    is_sure: bool = True  # False if no word such as `via` says that this is a street


@dataclass(frozen=True)
class Address:
    """An address on file with its key."""

    key: str
    text: str


def fold_address(address: str) -> str:
    """A street and number for comparing: `Via Roma, 12` and `via roma 12` are one address."""
    return " ".join(fold(address).replace(",", " ").split())


def find_place(text: str) -> Place | None:
    """The first place in a folded text; its street's kind written out."""
    units = units_in(text)
    street = _STREET.search(text)
    if street is not None:
        return _with_kind(text, street, units)
    for bare in _BARE.finditer(text):
        if bare["name"] not in ordinary_words():
            number, end, slashed = _number(text, bare.start("number"))
            return Place(bare["name"], number, units | slashed, bare.start(), end, is_sure=False)
    return None


def find_places(text: str) -> Sequence[Place]:
    """All places in a folded text, in its order, each with the units that are said beside it."""
    spans = _spans(text)
    cuts = [_cut(text, end, start) for (_, end), (start, _) in itertools.pairwise(spans)]
    found: list[Place] = []
    for start, end in itertools.pairwise([0, *cuts, len(text)]):
        place = find_place(text[start:end])
        if place is not None:
            found.append(replace(place, start=place.start + start, end=place.end + start))
            found += _further_numbers(text, found[-1])
    return list(dict.fromkeys(found))


def _spans(text: str) -> list[tuple[int, int]]:
    place = find_place(text)
    if place is None:
        return []
    is_unit = not place.is_sure and bool(units_in(text[place.start : place.end]))  # `garage 5`
    own = [] if is_unit else [(place.start, place.end)]
    after = [(start + place.end, end + place.end) for start, end in _spans(text[place.end :])]
    return [*_spans(text[: place.start]), *own, *after]


def _cut(text: str, end: int, start: int) -> int:
    """Where the words about one place end and those about the next one begin."""
    joints = list(_JOINT.finditer(text, end, start))
    return joints[-1].end() if joints else start


def _further_numbers(text: str, place: Place) -> list[Place]:
    """The other numbers of the same street: `via Piave 3 e 5`."""
    found: list[Place] = []
    while place.is_sure and place.number is not None and (number := _FURTHER.match(text, place.end)):
        place = replace(place, number=number["number"], units=frozenset(), start=number.start(), end=number.end())
        found.append(place)
    return found


def _with_kind(text: str, street: re.Match[str], units: frozenset[str]) -> Place:
    kind = next(name for name, forms in _SHORT_FORMS.items() if re.fullmatch(forms, street["kind"]))
    words: list[str] = []
    position = street.start("rest")
    number: str | None = None
    slashed: frozenset[str] = frozenset()
    while len(words) < _MOST_NAME_WORDS:
        found = _NUMBER.match(text, position) if words else None
        if found is not None:
            number, position, slashed = _number(text, found.start("number"))
            break
        word = re.compile(r"\s*([\w'’.-]+)").match(text, position)
        goes_on = bool(words) and (words[-1] in _PARTICLES or words[-1].isdigit())
        if word is None or (words and not goes_on and _ends_street(word[1])):
            break
        words.append(word[1].strip(".-"))
        position = word.end()
    return Place(f"{kind} {' '.join(words)}", number, units | slashed, street.start(), position)


def _ends_street(word: str) -> bool:
    """Whether a word goes on after the street: `via Piave non entrano`."""
    plain = word.strip(".'’")
    return plain not in _PARTICLES and (plain in ordinary_words() or bool(units_in(word)))


def _number(text: str, start: int) -> tuple[str, int, frozenset[str]]:
    found = _NUMBER_AND_UNIT.match(text, start)
    if found is None:
        raise ValueError("no number stands there")
    after = frozenset({found["unit"]}) if found["unit"] else frozenset()
    return found["number"], found.end(), after


def matching_addresses(place: Place, addresses: Sequence[Address]) -> Sequence[Address]:
    """The addresses that a place means: exactly written ones, else those whose street is spelt nearly so."""
    normal = {address.key: _normal(address.text) for address in addresses}
    parts = {key: _split(text) for key, text in normal.items()}
    numbered = [
        address
        for address in addresses
        if place.number is None
        or parts[address.key][1] == place.number
        or parts[address.key][1] in {f"{place.number}/{unit}" for unit in place.units}
    ]
    exact = [address for address in numbered if _is_street(place, parts[address.key][0])]
    if exact:
        return exact
    streets = {address.key: parts[address.key][0] for address in numbered}
    wanted = place.street
    scorer = fuzz.ratio if place.is_sure else fuzz.partial_ratio
    near = process.extract(wanted, streets, scorer=scorer, score_cutoff=_NEAR if place.is_sure else 95, limit=None)
    if not near:
        return []
    best = near[0][1]
    keys = {key for _street, score, key in near if score >= best - 1}
    return [address for address in numbered if address.key in keys]


def units_beside(place: Place, addresses: Sequence[str]) -> frozenset[str]:
    """The units that a place names besides what belongs to the number of an address: the `a` of `viale Trento 3/a`."""
    numbers = {_split(fold_address(address))[1] for address in addresses}
    return frozenset(unit for unit in place.units if f"{place.number}/{unit}" not in numbers)


def nearest_addresses(place: Place, addresses: Sequence[Address], limit: int) -> Sequence[Address]:
    """Addresses to offer where none is meant: the likest streets, and of one street the closest numbers."""
    parts = {address.key: _split(_normal(address.text)) for address in addresses}
    streets = {key: street for key, (street, _) in parts.items()}
    near = process.extract(place.street, streets, scorer=fuzz.ratio, score_cutoff=70, limit=None)
    near.sort(key=lambda found: (-found[1], abs(_figure(parts[found[2]][1]) - _figure(place.number or ""))))
    by_key = {address.key: address for address in addresses}
    return [by_key[key] for _street, _score, key in near[:limit]]


def same_number(place: Place, addresses: Sequence[Address]) -> Sequence[Address]:
    """The addresses in whichever street that have the number of a place."""
    return [address for address in addresses if place.number and _split(address.text)[1] == place.number]


def _figure(number: str) -> int:
    found = re.match(r"\d+", number)
    return int(found[0]) if found else 0


def _is_street(place: Place, street: str) -> bool:
    if place.is_sure:
        return street == place.street or street.endswith(f" {place.street.partition(' ')[2]}")
    return street.split()[-1:] == [place.street]


def _normal(address: str) -> str:
    """A folded address, the kind of its street written out."""
    for name, forms in _SHORT_FORMS.items():
        found = re.match(rf"(?:{forms})\s+", address)
        if found:
            return f"{name} {address[found.end() :]}"
    return address


def _split(address: str) -> tuple[str, str]:
    """Street and number of a folded address; the number is empty if there is none."""
    found = re.fullmatch(r"(?P<street>.*?)\s+(?P<number>\d+\s?(?:/\s?\w+|[a-z])?)", address)
    return (found["street"], found["number"].replace(" ", "")) if found else (address, "")
