"""Finding personal values in what people type, and masking them.

Each finder sees the plain form of the text, with the values of the finders before it blanked out. All patterns
are bounded, so that time grows with length only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.privacy.addresses import addresses, addresses_without_at
from bot.privacy.codes import attempts, codes, tax_codes
from bot.privacy.dictated_addresses import dictated_addresses
from bot.privacy.ibans import ibans
from bot.privacy.numbers import one_time_numbers, phones
from bot.privacy.plain import Plain, plain
from bot.privacy.spelling_out import spelled_values
from bot.privacy.values import Kind, Masked, Value

_FINDERS = (
    dictated_addresses,
    addresses,
    addresses_without_at,
    ibans,
    tax_codes,
    codes,
    spelled_values,
    phones,
    attempts,
    one_time_numbers,
)
# Controls, direction marks and invisible joiners, lone surrogates, private use. Unassigned characters stay:
# they are the emoji of next year.
_REMOVED = frozenset(("Cc", "Cf", "Cs", "Co"))
_BLANKED = "\ufffc"  # no letter, digit, blank or punctuation of any pattern


def clean(text: str) -> str:
    """The text without what nobody types on purpose: controls, direction marks, invisible joiners.

    The brackets of references become plain ones, so that nobody can point at a value by hand.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.isprintable():
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _REMOVED)
    return text.replace("⟨", "<").replace("⟩", ">")


def find_values(text: str) -> list[Value]:
    """All personal values of a cleaned text, in order, without overlaps."""
    found: list[Value] = []
    searched = plain(text)
    remaining = searched.text
    for finder in _FINDERS:
        values = list(finder(remaining))
        if values:
            values.sort(key=lambda value: value.start)
            found += values
            remaining = replace_values(remaining, values, [_BLANKED * (v.end - v.start) for v in values])
    found.sort(key=lambda value: value.start)
    return found if searched.starts is None else list(_as_typed(text, found, searched))


def _as_typed(text: str, found: Sequence[Value], searched: Plain) -> Iterator[Value]:
    """The values at their places in the typed text; one typed sign may be two plain ones ("ﬁ")."""
    position = 0
    for value in found:
        start, end = searched.typed_span(value.start, value.end)
        start = max(start, position)
        if start < end:
            yield replace(value, start=start, end=end, raw=text[start:end])
            position = end


def mask(text: str, reference: Callable[[Kind, str], str]) -> Masked:
    """The cleaned text with each personal value replaced by the reference that it is given."""
    text = clean(text)
    values = find_values(text)
    masked = replace_values(text, values, [reference(value.kind, value.value) for value in values])
    return Masked(masked, any(value.is_google_mail for value in values))


def replace_values(text: str, values: Sequence[Value], replacements: Sequence[str]) -> str:
    """The text with each value, in order and without overlaps, replaced by its counterpart."""
    parts, position = [], 0
    for value, replacement in zip(values, replacements, strict=True):
        parts += [text[position : value.start], replacement]
        position = value.end
    return "".join([*parts, text[position:]])
