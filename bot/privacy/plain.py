"""Typed text brought to one plain form, with a map back: what finders search is not what was typed.

People and programs write one sign in many ways: "＠", "&#64;", "%40", "(at)"; a dot as "。" or "(punto)"; three
blanks for one. The finders see one way of each, and what they find is told at its place in the typed text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

_DOT = r"punto|dot|punkt|\."
_AT = r"@|at|et|chiocciol(?:a|ina)"
_ENTITIES = {
    "64": "@", "x40": "@", "commat": "@", "46": ".", "x2e": ".", "period": ".", "45": "-", "x2d": "-", "95": "_",
    "x5f": "_", "lowbar": "_", "43": "+", "x2b": "+", "plus": "+", "32": " ", "nbsp": " ", "160": " ",
}  # fmt: skip
_ESCAPES = {"40": "@", "2e": ".", "2d": "-", "5f": "_", "2b": "+", "20": " "}
_DASHES = "‐‑‒–—―−－﹣⁃"
_DOTS = "。｡．·•․"
_SIGNS = {
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_DOTS, "."),
    "＠": "@",
    "﹫": "@",
    "＿": "_",
    "،": ",",
    "、": ",",
}

# A sign that may have another form, brackets apart: those go with what is in them.
_OTHER_FORM = re.compile(r"[^\x00-\x7f\xa7-\xb6\xb8\xb9\xbb-\xff€‘’“”\ufffc]")
_WRITTEN_APART = re.compile(
    r"&(?:#0{0,4}(?P<number>x?[0-9a-f]{2,3})|(?P<name>[a-z]{4,6}));|%(?P<escape>40|2e|2d|5f|2b|20)"
    rf"|\s{{0,3}}[(\[{{<]\s?(?:(?P<dot>{_DOT})|(?P<at>{_AT}))\s?[)\]}}>]\s{{0,3}}"
    r"|(?P<blank>\s*\n\s*|\s{2,}|[\t\xa0])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Plain:
    """The plain form of a text, and for each of its characters where the typed ones begin and end."""

    text: str
    starts: list[int] | None = None  # None: the text is plain as it was typed
    ends: list[int] | None = None

    def typed_span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the typed text that stands which is plain from start to end."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def plain(text: str) -> Plain:
    """The plain form of a cleaned text."""
    return _rewritten(_rewritten(Plain(text), _OTHER_FORM, _of_sign), _WRITTEN_APART, _of_writing)


def _rewritten(form: Plain, pattern: re.Pattern[str], writing: Callable[[re.Match[str]], str]) -> Plain:
    """The form with each match replaced by what it stands for."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for match in pattern.finditer(form.text):
        signs = writing(match)
        if signs == match.group():
            continue
        parts += (form.text[position : match.start()], signs)
        _keep(form, position, match.start(), starts, ends)
        start, end = form.typed_span(*match.span())
        starts += [start] * len(signs)
        ends += [end] * len(signs)
        position = match.end()
    if not parts:
        return form
    _keep(form, position, len(form.text), starts, ends)
    return Plain("".join([*parts, form.text[position:]]), starts, ends)


def _keep(form: Plain, start: int, end: int, starts: list[int], ends: list[int]) -> None:
    """Add the places of a stretch that is as it was."""
    if form.starts is None or form.ends is None:
        starts += range(start, end)
        ends += range(start + 1, end + 1)
    else:
        starts += form.starts[start:end]
        ends += form.ends[start:end]


def _of_sign(match: re.Match[str]) -> str:
    return _SIGNS.get(match.group()) or unicodedata.normalize("NFKC", match.group())


def _of_writing(match: re.Match[str]) -> str:
    if match["blank"]:
        return "\n" if "\n" in match["blank"] else " "
    if match["escape"]:
        return _ESCAPES[match["escape"].lower()]
    if match["at"] or match["dot"]:
        return "@" if match["at"] else "."
    return _ENTITIES.get((match["number"] or match["name"]).lower(), match.group())
