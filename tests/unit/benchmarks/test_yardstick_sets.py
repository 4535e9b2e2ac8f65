"""Public sets of intents are read as they are published, and their absence is explained."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import DataMissingError
from benchmarks.nlu.yardstick_sets import SETTING, Texts, banking77, clinc150, folder, xsid

BANKING = 'text,category\n"Where is it, my card?",card_arrival\nTop up ,top_up\n'
XSID = """# id = 1
# text-en = Is it going to rain today?
# text = Pioverà oggi?
# intent = weather/find
1\tPioverà\tweather/find\tB-weather/attribute

# id = 2
# text = svegliami alle 7
# intent = alarm/set_alarm
1\tsvegliami\talarm/set_alarm\tO
"""


@pytest.fixture
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "banking77-train.csv").write_text(BANKING, encoding="utf-8")
    (tmp_path / "clinc150-full.json").write_text(json.dumps({"oos_val": [["a show", "oos"]]}), encoding="utf-8")
    (tmp_path / "xsid-it-valid.conll").write_text(XSID, encoding="utf-8")
    monkeypatch.setenv(SETTING, str(tmp_path))


@pytest.mark.usefixtures("sets")
def test_all_three_formats_are_read() -> None:
    assert list(banking77("train").texts) == ["where is it, my card?", "top up"]
    assert list(clinc150()["oos_val"].intents) == ["oos"]
    italian = xsid("it", "valid")
    assert list(zip(italian.texts, italian.intents, strict=True)) == [
        ("pioverà oggi?", "weather/find"),
        ("svegliami alle 7", "alarm/set_alarm"),
    ]


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    with pytest.raises(DataMissingError, match=SETTING):
        folder()


def test_a_folder_without_the_sets_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path))
    with pytest.raises(DataMissingError, match=str(tmp_path)):
        folder()


def test_a_draw_has_as_many_of_each_intent_and_depends_on_its_seed_alone() -> None:
    texts = Texts([str(number) for number in range(100)], np.array(["a", "b"] * 50))
    drawn = texts.draw(10, seed=3)
    assert sorted(drawn.intents) == ["a"] * 10 + ["b"] * 10
    assert all(int(text) % 2 == (intent == "b") for text, intent in zip(drawn.texts, drawn.intents, strict=True))
    assert list(drawn.texts) == list(texts.draw(10, seed=3).texts)
    assert list(drawn.texts) != list(texts.draw(10, seed=4).texts)
