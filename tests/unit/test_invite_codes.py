import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.invite_codes import ALPHABET, format_code, is_possible, normalize_code

codes = st.text(alphabet=ALPHABET, min_size=8, max_size=8)
separators = st.sampled_from(["", " ", "-", " - ", "–", ".", "\u00a0", "\n", "\u200b", "_"])


@given(code=codes, separator=separators, lower=st.booleans())
def test_a_code_is_the_same_however_it_is_typed(code: str, separator: str, lower: bool) -> None:
    typed = separator.join(code.lower() if lower else code)
    assert normalize_code(typed) == code


@given(codes)
def test_a_code_survives_being_printed(code: str) -> None:
    assert normalize_code(format_code(code)) == code


@given(codes)
def test_full_width_characters_are_the_same_code(code: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in code)
    assert normalize_code(wide) == code


@pytest.mark.parametrize(("typed", "same"), [("AB0C", "ABOC"), ("AB1C", "ABIC"), ("ABLC", "AB1C"), ("АВСЕ", "ABCE")])
def test_look_alikes_are_one_character(typed: str, same: str) -> None:
    assert normalize_code(typed) == normalize_code(same)


@pytest.mark.parametrize("code", ["USAT234", "USAT23456", "USAT234O", "USAT23I5", ""])
def test_impossible_codes_are_told(code: str) -> None:
    assert not is_possible(code)


@given(codes)
def test_every_code_of_the_alphabet_is_possible(code: str) -> None:
    assert is_possible(code)
