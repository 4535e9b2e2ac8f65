"""Finding the contacts of one company that a sentence, an address or a code means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import JaroWinkler
from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from actions.accounts.models import ContactRow, ContractRow, NameKeyRow, NameWordRow, UnitRow
from actions.accounts.names import (
    ALIKE,
    SpokenWord,
    given_names,
    is_same,
    name_words,
    similarity,
    sound_of,
    spelling_keys,
    spoken_words,
)
from actions.accounts.neighbours import neighbours
from actions.accounts.places import Place, find_place, fold_address
from actions.accounts.property_search import properties_at, units_meant
from actions.accounts.records import ContactQuery
from actions.accounts.units import means_unit, units_in
from actions.accounts.value_search import by_code, by_email

_MOST_WORDS = 40
_MOST_SPELLINGS = 40  # that one typed word may mean
_MOST_CANDIDATES = 60
_MOST_BEGINNINGS = 400
_SHORTEST_BEGINNING = 4
_SAME = 0.01  # difference between two contacts below which both are meant
_ORDINARY = 0.1  # what an ordinary word adds that is part of a name
_WHOLE_NAME = 0.05
_NEAREST = 0.82  # Jaro-Winkler similarity from which another name is worth offering


@dataclass(frozen=True)
class Found:
    """Contacts that a query means; if ``is_near`` only guesses. ``names_somebody`` if the query says a name at all."""

    contacts: Sequence[ContactRow] = ()
    is_near: bool = False
    names_somebody: bool = True


def matching_contacts(session: Session, company: str, query: ContactQuery, limit: int) -> Found:
    """By code, else by address, else by name and unit; where nothing fits, the nearest.

    A unit narrows the contacts down that a name fits; where none of them lives there, the name counts. A code or an
    address that is mistyped does not hide whom the words beside it name.
    """
    if query.code and (contacts := by_code(session, company, query.normal_code or "", limit)):
        return Found(contacts)
    if query.email and (contacts := by_email(session, company, query.email, limit)):
        return Found(contacts)
    found = _by_words(session, company, query.text, limit)
    if found.contacts or not (query.code or query.email):
        return found
    near = by_code(session, company, query.normal_code or "", limit, is_near=True) if query.code else []
    if not near and query.email:
        near = by_email(session, company, query.email, limit, is_near=True)
    return Found(near, is_near=True)


def _by_words(session: Session, company: str, text: str, limit: int) -> Found:
    folded = fold_address(text)
    place = find_place(folded)
    properties = properties_at(session, company, place) if place else []
    if place is not None and not properties and not place.is_sure:
        place = None
    living = _living(session, properties, place) if place else None
    words = [word for word in spoken_words(_without(text, place)) if not _is_of_street(word, place)][:_MOST_WORDS]
    named = _named(session, company, words, None, limit)
    if living is not None:
        there = _named(session, company, words, living, limit)
        for found in (there if there.contacts and not there.is_near else Found(), named):
            if found.contacts and not found.is_near:
                return found
        contacts = _contacts(session, company, [ContactRow.id.in_(living)], limit)
        if contacts:
            return Found(contacts)
    elif units := units_in(folded):
        narrowed = [contact for contact in named.contacts if _lives_in(session, contact.id, units)]
        if narrowed:
            return Found(narrowed)
    if named.contacts:
        return named
    nearest = _nearest(session, company, [word for word in words if word.is_name], limit)
    if not nearest and place is not None:
        nearest = neighbours(session, company, place, properties, limit)
    is_named = bool(place) or any(word.is_name for word in words)
    return Found(nearest, is_near=True, names_somebody=is_named)


def _without(text: str, place: Place | None) -> str:
    """The text without a street: "via Roma" does not mean Mrs Roma."""
    if place is None:
        return text
    raw = " ".join(text.replace(",", " ").split())
    if len(raw) != len(fold_address(text)):  # a letter such as ß is longer when folded
        raw = fold_address(text)
    return f"{raw[: place.start]} . {raw[place.end :]}"


def _is_of_street(word: SpokenWord, place: Place | None) -> bool:
    return place is not None and place.is_sure and word.is_ordinary and not word.is_name


def _living(session: Session, properties: Sequence[str], place: Place) -> Any:
    """The contacts with a contract at a place, as a condition; None if no such place is on file."""
    if not properties:
        return None
    return select(ContractRow.contact_id).where(ContractRow.unit_id.in_(units_meant(session, properties, place)))


def _lives_in(session: Session, contact_id: str, units: frozenset[str]) -> bool:
    labels = select(UnitRow.label).join(ContractRow, ContractRow.unit_id == UnitRow.id)
    return any(
        means_unit(units, label) for label in session.scalars(labels.where(ContractRow.contact_id == contact_id))
    )


def _contacts(session: Session, company: str, conditions: Sequence[Any], limit: int) -> Sequence[ContactRow]:
    query = (
        select(ContactRow)
        .where(ContactRow.company_slug == company, *conditions)
        .order_by(ContactRow.name, ContactRow.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def _named(session: Session, company: str, words: Sequence[SpokenWord], within: Any, limit: int) -> Found:
    """The contacts whose names fit best."""
    telling = [word for word in words if word.is_name or not word.is_ordinary]
    if not telling:
        return Found(names_somebody=False)
    ordinary = [word.text for word in words if word.is_ordinary and not word.is_name]
    exact = {word.text: {word.text: 1.0} for word in telling}
    scores = _scored(session, company, exact, ordinary, within)
    if max(scores.values(), default=0.0) < sum(word.is_name for word in telling) or not scores:
        spellings = _spellings(session, company, telling)
        scores = _scored(session, company, spellings, ordinary, within)
    if not scores:
        return Found(names_somebody=any(word.is_name for word in telling))
    best = max(scores.values())
    meant = [key for key, score in scores.items() if score >= best - _SAME]
    contacts = _contacts(session, company, [ContactRow.id.in_(meant)], limit)
    # A surname that nobody has, beside a first name that somebody has, means somebody else.
    missing = [word for word in telling if word.is_name and not _is_said(word.text, contacts)]
    missing += [word for word in telling if _is_another_name(session, company, word.text, contacts)]
    is_guess = best < 1.0 - _SAME and not any(word.is_name for word in telling)
    return Found(contacts, is_near=is_guess or bool(missing))


def _is_said(word: str, contacts: Sequence[ContactRow]) -> bool:
    return any(similarity(word, other) >= ALIKE for contact in contacts for other in name_words(contact.name))


def _is_another_name(session: Session, company: str, word: str, contacts: Sequence[ContactRow]) -> bool:
    """Whether a word taken for a slip of the contacts' names is a name itself: Mario, where Maria was found."""
    words = {other for contact in contacts for other in name_words(contact.name)}
    if not any(similarity(word, other) >= ALIKE for other in words) or any(is_same(word, other) for other in words):
        return False
    is_borne = select(NameWordRow.word).where(NameWordRow.company_slug == company, NameWordRow.word == word).limit(1)
    return word in given_names() or session.scalar(is_borne) is not None


def _spellings(session: Session, company: str, words: Sequence[SpokenWord]) -> Mapping[str, Mapping[str, float]]:
    """The words among a company's names that each typed word may mean, with how alike they are."""
    keys = {word.text: spelling_keys(word.text) for word in words}
    every = {key for found in keys.values() for key in found}
    rows = session.execute(
        select(NameKeyRow.word).distinct().where(NameKeyRow.company_slug == company, NameKeyRow.key.in_(every))
    )
    known = set(rows.scalars())
    beginnings = [word.text for word in words if len(word.text) >= _SHORTEST_BEGINNING]
    if beginnings:
        ranges = [and_(NameWordRow.word > word, NameWordRow.word < word + "zzz") for word in beginnings]
        longer = select(NameWordRow.word).distinct().where(NameWordRow.company_slug == company, or_(*ranges))
        known.update(session.scalars(longer.limit(_MOST_BEGINNINGS)))
    alike = {}
    for word in words:
        candidates = {other: likeness for other in known if (likeness := similarity(word.text, other)) >= ALIKE}
        candidates[word.text] = 1.0
        best = sorted(candidates.items(), key=lambda item: -item[1])[:_MOST_SPELLINGS]
        alike[word.text] = dict(best)
    return alike


def _scored(
    session: Session,
    company: str,
    spellings: Mapping[str, Mapping[str, float]],
    ordinary: Sequence[str],
    within: Any,
) -> dict[str, float]:
    """How well each of the likeliest contacts fits, by its key."""
    weights: dict[str, float] = {}
    for candidates in spellings.values():
        for word, likeness in candidates.items():
            weights[word] = max(weights.get(word, 0.0), likeness)
    weight = case(
        *((NameWordRow.word.in_(group), likeness) for likeness, group in _grouped(weights).items()), else_=0.0
    )
    total = func.sum(weight)
    query = (
        select(NameWordRow.contact_id)
        .where(NameWordRow.company_slug == company, NameWordRow.word.in_(weights))
        .group_by(NameWordRow.contact_id)
        .order_by(total.desc(), NameWordRow.contact_id)
        .limit(_MOST_CANDIDATES)
    )
    if within is not None:
        query = query.where(NameWordRow.contact_id.in_(within))
    likeliest = list(session.scalars(query))
    words_of: dict[str, set[str]] = {}
    rows = select(NameWordRow.contact_id, NameWordRow.word).where(NameWordRow.contact_id.in_(likeliest))
    for key, word in session.execute(rows):
        words_of.setdefault(key, set()).add(word)
    return {key: _score(words, spellings, ordinary) for key, words in words_of.items()}


def _score(words: set[str], spellings: Mapping[str, Mapping[str, float]], ordinary: Sequence[str]) -> float:
    """The sum over the typed words of how alike the likest word of the name is."""
    score = sum(
        max((likeness[word] for word in words if word in likeness), default=0.0) for likeness in spellings.values()
    )
    said = {word for likeness in spellings.values() for word in likeness} | set(ordinary)
    return score + _ORDINARY * len(words & set(ordinary)) + (_WHOLE_NAME if words <= said and len(words) > 1 else 0.0)


def _grouped(weights: Mapping[str, float]) -> dict[float, list[str]]:
    groups: dict[float, list[str]] = {}
    for word, likeness in weights.items():
        groups.setdefault(round(likeness, 2), []).append(word)
    return groups


def _nearest(session: Session, company: str, words: Sequence[SpokenWord], limit: int) -> Sequence[ContactRow]:
    """Contacts with a name that begins like a typed one and resembles it."""
    likeness: dict[str, float] = {}
    for word in words:
        beginning = sound_of(word.text)[:2]
        if len(beginning) < 2:
            continue
        rows = (
            select(NameKeyRow.word)
            .distinct()
            .where(NameKeyRow.company_slug == company)
            .where(NameKeyRow.key >= beginning, NameKeyRow.key < beginning + "zzz")
            .limit(_MOST_BEGINNINGS)
        )
        for other in session.scalars(rows):
            alike = JaroWinkler.similarity(word.text, other)
            if alike >= _NEAREST:
                likeness[other] = max(alike, likeness.get(other, 0.0))
    best = sorted(likeness, key=lambda other: -likeness[other])[:limit]
    if not best:
        return []
    holders = select(NameWordRow.contact_id).where(NameWordRow.company_slug == company, NameWordRow.word.in_(best))
    return _contacts(session, company, [ContactRow.id.in_(holders)], limit)
