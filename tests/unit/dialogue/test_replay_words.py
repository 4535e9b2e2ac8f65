"""Whether a new model would still say what was said."""

from __future__ import annotations

import pytest

from bot.dialogue.replay import could_say

EXPIRED = [{"text": "Il codice è scaduto {day}.\nChiedi a {company}."}, {"text": "Scaduto.", "channel": "staff"}]


@pytest.mark.parametrize(
    ("text", "channel", "is_said"),
    [
        ("Il codice è scaduto ieri.\nChiedi a Studio (Brennero).", "widget", True),
        ("Il codice è scaduto ieri. Chiedi a Studio.", "widget", False),
        ("Scaduto.", "widget", False),
        ("Scaduto.", "staff", True),
        ("Il codice è scaduto ieri.\nChiedi a Studio.", "staff", False),
    ],
)
def test_a_text_is_held_against_the_variations_of_its_channel(text: str, channel: str, is_said: bool) -> None:
    assert could_say(EXPIRED, text, channel) is is_said


def test_a_response_that_is_no_longer_there_says_nothing() -> None:
    assert not could_say((), "Scaduto.", "widget")
