"""What is worked out once is what Rasa works out."""

from __future__ import annotations

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses

from bot.dialogue.unchanging import work_out_once


@pytest.fixture(autouse=True)
def rasa_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Domain, "is_empty", Domain.is_empty)
    monkeypatch.setattr(Event, "resolve_by_type", staticmethod(Event.resolve_by_type))


def test_every_event_is_known_by_the_class_that_rasa_finds() -> None:
    names = {kind.type_name for kind in all_subclasses(Event)}
    before = {name: Event.resolve_by_type(name) for name in names}

    work_out_once()

    assert {name: Event.resolve_by_type(name) for name in names} == before


def test_an_unknown_event_is_met_as_before() -> None:
    work_out_once()

    assert Event.resolve_by_type("topic") is None
    assert Event.resolve_by_type("nothing", Event) is Event
    with pytest.raises(ValueError, match="nothing"):
        Event.resolve_by_type("nothing")


def test_a_domain_is_empty_if_nothing_is_in_it(domain: Domain) -> None:
    work_out_once()

    assert Domain.empty().is_empty()
    assert not domain.is_empty()
