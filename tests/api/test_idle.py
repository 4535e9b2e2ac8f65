"""A service that was left alone for a while."""

from __future__ import annotations

import time

from tests.service import Chat, Service

LONGER_THAN_A_SERVER_KEEPS_CONNECTIONS_BY_DEFAULT = 5.2  # seconds


def test_the_first_look_ups_after_a_pause_succeed(service: Service) -> None:
    for pause in (0, 4.9, 5.0, LONGER_THAN_A_SERVER_KEEPS_CONNECTIONS_BY_DEFAULT):
        time.sleep(pause)
        assert "ritirato" in Chat.open(service).say("REVC-2345")
