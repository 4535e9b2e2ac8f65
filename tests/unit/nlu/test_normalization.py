"""Writing habits come to one form, and what only looks like one stays."""

from __future__ import annotations

import pytest

from bot.nlu.normalization import normalize


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("NON RIESCO A ENTRARE", "non riesco a entrare"),
        ("nn entro xke n so la pw", "non entro perché non so la password"),
        ("cm faccio x il cod.?", "come faccio per il codice?"),
        ("aiutoooo", "aiutoo"),
        ("il codice  ⟨codice 1⟩\nnon va", "il codice il codice non va"),
        ("Buongiorno, vorrei sapere una cosa", "ciao, vorrei sapere una cosa"),
        ("la pass non va", "la password non va"),
    ],
)
def test_habits_are_undone(typed: str, understood: str) -> None:
    assert normalize(typed) == understood


@pytest.mark.parametrize("text", ["via roma n. 12", "via roma n 12 int. 4", "il pass per la sosta", "buongiorno", "ok"])
def test_what_only_looks_like_a_habit_stays(text: str) -> None:
    assert normalize(text) == text


@pytest.mark.parametrize("text", ["nn va il cod. ⟨codice 1⟩", "BUONASERA, perke nn entro?", "cmq graziee mille"])
def test_the_form_is_its_own(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)
