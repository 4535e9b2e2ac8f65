"""The benchmark of the diagnosis runs, and counts what its messages came to."""

from __future__ import annotations

from benchmarks import diagnosis


def test_every_kind_of_sentence_is_measured_with_what_it_came_to() -> None:
    with diagnosis.loaded("sqlite", 100) as services:
        measured = dict(diagnosis.measure(services, 100, turns=10))
    assert set(measured) == set(diagnosis.SENTENCES)
    assert len(measured["full name"]["found"]) == 10
    assert len(measured["address and unit"]["found"]) == 10
    assert "found" not in measured["a name that nobody has"]
    assert len(measured["no name at all"]["unnamed"]) == 10


def test_a_cell_tells_diagnoses_from_choices() -> None:
    times = {"found": [1.0, 3.0, 2.0], "several": [9.0]}
    assert diagnosis.cell(times) == "75 % diagnosed: 2.0 / 3.0 ms<br>25 % choice: 9.0 / 9.0 ms"
