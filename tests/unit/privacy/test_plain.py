import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy.plain import plain


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("mario (at) libero (punto) it", "mario@libero.it"),
        ("mario&#64;libero&#x2e;it", "mario@libero.it"),
        ("mario%40libero.it", "mario@libero.it"),
        ("mario＠libero。it", "mario@libero.it"),
        ("３３３—１２３", "333-123"),
        ("QRCA \t\xa0 2345", "QRCA 2345"),
        ("739 \n\n 251", "739\n251"),
        ("il 100% di 3 (tre) & 4", "il 100% di 3 (tre) & 4"),
        ("Rossi &amp; Figli", "Rossi &amp; Figli"),
    ],
)
def test_one_way_of_writing_each_sign_is_left(typed: str, form: str) -> None:
    assert plain(typed).text == form


def test_each_sign_is_known_where_it_was_typed() -> None:
    typed = "da mario (at) libero.it!"
    form = plain(typed)
    start = form.text.index("mario")
    first, last = form.typed_span(start, start + len("mario@libero.it"))
    assert typed[first:last] == "mario (at) libero.it"


@given(st.text())
def test_places_never_go_back_nor_beyond_the_text(typed: str) -> None:
    form = plain(typed)
    spans = [form.typed_span(place, place + 1) for place in range(len(form.text))]
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(typed) for start, end in spans)
