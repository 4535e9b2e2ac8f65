"""Writing noise is what it says, the same each time, and spares personal values."""

from __future__ import annotations

import random

import pytest
from rapidfuzz.distance import OSA

from benchmarks.nlu.noise import in_capitals, with_slip, with_typos, without_accents, without_punctuation

STORY = " ".join(["appartamento"] * 2000)


@pytest.mark.parametrize("word", ["che", "però", "appartamento", "Perché", "über"])
def test_a_slip_is_one_edit_after_the_first_letter(word: str) -> None:
    for seed in range(200):
        slipped = with_slip(word, random.Random(seed))
        assert OSA.distance(word, slipped) <= 1
        assert slipped[0] == word[0]


def test_all_four_slips_happen() -> None:
    slipped = {with_slip("due", random.Random(seed)) for seed in range(200)}
    assert {"deu", "de", "duue"} <= slipped
    assert {"dye", "die"} & slipped


def test_one_word_in_ten_gets_a_slip() -> None:
    changed = sum(word != "appartamento" for word in with_typos(STORY, seed=1).split())
    assert 0.08 < changed / 2000 < 0.12


def test_a_seed_makes_the_same_typos_and_another_seed_others() -> None:
    assert with_typos(STORY, seed=1) == with_typos(STORY, seed=1)
    assert with_typos(STORY, seed=1) != with_typos(STORY, seed=2)


def test_addresses_codes_and_references_get_no_typos() -> None:
    text = "maria.rossi@example.com SCAD-2345 ⟨codice 1⟩"
    assert with_typos(text, seed=1, share=1) == text


def test_line_breaks_survive_typos() -> None:
    assert with_typos("ma\nio", seed=1, share=1) == "ma\nio"


def test_accents_go_and_letters_stay() -> None:
    assert without_accents("perché è già così, Müller?") == "perche e gia cosi, Muller?"


def test_capitals_are_for_all_letters() -> None:
    assert in_capitals("così non va") == "COSÌ NON VA"


def test_signs_go_but_not_inside_addresses_and_codes() -> None:
    assert without_punctuation("«Scusi», l'invito SCAD-2345: a m.rossi@example.com?!") == (
        "Scusi l invito SCAD-2345 a m.rossi@example.com"
    )
