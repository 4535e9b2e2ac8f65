import pytest

from bot.privacy.opaque import opaque_id

KEY = b"k" * 32


@pytest.mark.parametrize("chosen", ["0f8fad5bd9cb469fa16570867728950e", "0F8FAD5B-D9CB-469F-A165-70867728950E"])
def test_a_random_name_stays(chosen: str) -> None:
    assert opaque_id(chosen, KEY) == chosen


@pytest.mark.parametrize("chosen", ["ada.neri@example.com", "3331234567", "USAT-2345", "m1", "~" * 64])
def test_any_other_name_is_hidden_and_stays_the_same_one(chosen: str) -> None:
    hidden = opaque_id(chosen, KEY)
    assert chosen not in hidden
    assert len(hidden) == 64
    assert opaque_id(chosen, KEY) == hidden != opaque_id(chosen, b"l" * 32)
