import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.invite_codes import (
    ALPHABET,
    LookAlike,
    format_code,
    is_possible,
    look_alikes,
    normalize_code,
    strip_code,
)

codes = st.text(alphabet=ALPHABET, min_size=8, max_size=8)
separators = st.text(alphabet=" -–—._·/\t\n\u00a0\u202f\u200b\u200d\u00ad\ufeff", max_size=3)
cyrillic = str.maketrans("ABEKMHPCTYXJS", "АВЕКМНРСТУХЈЅ")
greek = str.maketrans("ABEZHKMNPTYX", "ΑΒΕΖΗΚΜΝΡΤΥΧ")


@st.composite
def ways_of_typing(draw: st.DrawFn, code: str) -> str:
    """A code with each character in some case and script, and blanks or dashes between any two."""
    typed = [draw(separators)]
    for character in code:
        form = draw(
            st.sampled_from(
                [
                    character,
                    character.lower(),
                    chr(ord(character) + 0xFEE0),
                    character.translate(cyrillic),
                    character.translate(greek),
                ]
            )
        )
        typed += [form, draw(separators)]
    return "".join(typed)


@given(st.data(), codes)
def test_a_code_is_the_same_however_it_is_typed(data: st.DataObject, code: str) -> None:
    assert normalize_code(data.draw(ways_of_typing(code))) == code


@given(codes)
def test_a_code_survives_being_printed(code: str) -> None:
    assert normalize_code(format_code(code)) == code


@given(codes)
def test_every_code_of_the_alphabet_is_possible_and_has_nothing_to_be_misread(code: str) -> None:
    assert is_possible(code)
    assert look_alikes(code) == []


@given(st.text(alphabet="0Oo", min_size=1), st.text(alphabet="1IiLl", min_size=1))
def test_look_alikes_are_one_character(round_ones: str, upright_ones: str) -> None:
    assert set(normalize_code(round_ones)) == {"O"}
    assert set(normalize_code(upright_ones)) == {"I"}


@given(st.text())
def test_normalising_twice_changes_nothing(typed: str) -> None:
    once = normalize_code(typed)
    if once.isascii():
        assert normalize_code(once) == once


@pytest.mark.parametrize("typed", ["USAT234", "USAT23456", "USAT234O", "USAT23I5", "USAT234È", ""])
def test_impossible_codes_are_told(typed: str) -> None:
    assert not is_possible(normalize_code(typed))


def test_a_code_is_printed_in_two_groups_of_four() -> None:
    assert format_code("USAT2345") == "USAT-2345"


def test_a_look_alike_is_shown_as_typed_with_what_it_may_be_instead() -> None:
    assert look_alikes("usa0-23l5") == [LookAlike(3, "0", ("Q", "D")), LookAlike(6, "L", ("7", "J", "T"))]


def test_look_alikes_stay_as_typed_until_they_are_compared() -> None:
    assert strip_code("usa0 - 23i5") == "USA023I5"
