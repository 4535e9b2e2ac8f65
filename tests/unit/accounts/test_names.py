"""Which words of a sentence are names, and how alike two spellings are."""

from __future__ import annotations

import pytest

from actions.accounts.names import ALIKE, first_name, similarity, spelling_keys, spoken_words


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("perché Maria Rosi non riesce a entrare?", ["maria", "rosi"]),
        ("Buongiorno, la signora conti è fuori", ["conti"]),
        ("la sig.ra ferrari non entra", ["ferrari"]),
        ("Conti non accede", ["conti"]),
        ("LA CLIENTE NON ENTRA", []),
        ("l'avv.to ferrari non entra", ["ferrari"]),
        ("la dott.ssa ferrari non entra", ["ferrari"]),
        ("il portale non funziona", []),
        ("rossini", ["rossini"]),
    ],
)
def test_names_are_told_by_how_they_are_written(text: str, names: list[str]) -> None:
    assert [word.text for word in spoken_words(text) if word.is_name] == names


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("rosi", "rossi"),
        ("greko", "greco"),
        ("bianki", "bianchi"),
        ("ferarri", "ferrari"),
        ("ubber", "huber"),
        ("fotnana", "fontana"),
        ("shmid", "schmid"),
        ("mueller", "muller"),
        ("fontan", "fontana"),
        ("esposto", "esposito"),
    ],
)
def test_a_slip_or_a_spelling_by_ear_is_the_same_name(typed: str, name: str) -> None:
    assert spelling_keys(typed) & spelling_keys(name)
    assert similarity(typed, name) >= ALIKE


@pytest.mark.parametrize(("one", "other"), [("rossi", "bianchi"), ("neri", "verdi"), ("gallo", "galli")])
def test_other_names_are_less_alike_than_the_same(one: str, other: str) -> None:
    assert similarity(one, other) < 1.0
    assert similarity(one, other) < similarity(one, one)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Maria Rossi", "Maria"),
        ("Dott. Mario Rossi", "Mario"),
        ("Dott.ssa Anna Neri", "Anna"),
        ("Avv.to Luca Bianchi", "Luca"),
        ("Famiglia Huber", "Huber"),
        ("Cliente", "Cliente"),
    ],
)
def test_a_letter_addresses_nobody_by_their_title(name: str, first: str) -> None:
    assert first_name(name) == first
