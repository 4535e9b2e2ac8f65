"""Personal values are nowhere but in the vault, and in the mails of the demo's folder."""

from __future__ import annotations

from tests import planted
from tests.service import Service


def test_what_is_looked_for_would_be_found() -> None:
    for text in planted.WAYS:
        if " punto " not in text and "\npunto" not in text and " come " not in text:
            assert planted.traces_in(text), text


def test_no_file_of_the_service_holds_a_planted_value(service: Service) -> None:
    planted.plant(service)
    files = [path.name for path in service.home.rglob("*") if path.is_file()]
    assert {"conversations.db", "gateway.log", "rasa.log", "actions.log", "mail.log"} <= set(files)
    assert dict(planted.traces_in_files(service)) == {}
