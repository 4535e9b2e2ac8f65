"""However a value is written, none of it is left: each value, in each spelling, with each separator, over lines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from bot.privacy.detection import clean, find_values

BLANKED = "▮"
SENTENCES = ("{}", "scusate, {} grazie", "Buongiorno,\n{}\nnon riesco a entrare")

IBAN = "IT60X0542811101000000123456"
IBANS = [
    group.join(parts)
    for parts in (
        ("IT60", "X054", "2811", "1010", "0000", "0123", "456"),
        ("IT", "60", "X", "05428", "11101", "000000123456"),
        ("IT60", "X", "05428", "11101", "000000123456"),
        ("IT", "60", "X", "0542811101000000123456"),
        ("IT", "60X0542811101000000123456"),
        ("IT60X", "0542811101", "000000123456"),
        ("IT60X0542811101000000123456",),
        tuple(IBAN),
    )
    for group in (" ", "-", ".", " - ", "\n", "_", "  ", "/", ", ")
]

PHONES = [
    *("333 1234567", "3331234567", "333-1234567", "333—1234567", "333_1234567", "333,1234567", "333, 1234567"),
    *("333/1234567", "333.1234567", "333.123.45.67", "333 12 34 567", "33 31 23 45 67", "３３３ １２３４５６７"),
    *("333\u00a01234567", "333    1234567", "333\n1234567", "333\n\n1234567", "(333) 1234567", "333:1234567"),
    *("3 3 3 1 2 3 4 5 6 7", "3-3-3-1-2-3-4-5-6-7", "3, 3, 3, 1, 2, 3, 4, 5, 6, 7", "3.3.3.1.2.3.4.5.6.7"),
    "tre tre tre uno due tre quattro cinque sei sette",
    "tre, tre, tre, uno, due, tre, quattro, cinque, sei, sette",
    "tre tre tre 1 2 3 4 5 6 7",
    "tre tre tre 1234567",
    "333 uno due tre quattro cinque sei sette",
    "trecentotrentatré dodici trentaquattro cinquantasei sette",
    "trecentotrentatre 1234567",
    "Tre Tre Tre Uno Due Tre Quattro Cinque Sei Sette",
    "trentatré trentuno ventitré quarantacinque sessantasette",
    "tre tre tre centoventitré quarantacinque sessantasette",
    "tre e tre e tre e uno due tre quattro cinque sei sette",
    *("333 - 123 - 4567", "333 / 123 45 67", "333*1234567", "tel333 1234567", "tel:3331234567", "3331234567grazie"),
    "tre tre tre\nuno due tre\nquattro cinque sei sette",
    "tre tre tre - uno due tre - quattro cinque sei sette",
]

NUMBERS = [
    *("739251", "739 251", "739.251", "739,251", "739-251", "739_251", "739\n251", "739\n\n251", "739   251"),
    *("73 92 51", "7 3 9 2 5 1", "7-3-9-2-5-1", "7.3.9.2.5.1", "7, 3, 9, 2, 5, 1", "7\n3\n9\n2\n5\n1", "７３９２５１"),
    *("739251-", "(739251)", "n.739251", "n. 739251", "n°739251", "nr 739251", "739251.", "#739251", "=739251"),
    *("sette tre nove due cinque uno", "sette, tre, nove, due, cinque, uno", "sette tre nove 2 5 1"),
    *("settecento trentanove duecento cinquantuno", "sette e tre e nove e due e cinque e uno"),
    *("numero739251", "739251grazie", "7 3 9  2 5 1", "sette tre nove, due cinque uno"),
    *("settantatré novantadue cinquantuno", "settecentotrentanove duecentocinquantuno", "739 due cinque uno"),
]
NUMBERS_IN_ODD_GROUPS = ["7392 51", "73 9251", "7 39251", "73925 1", "7392.51", "7 392 51"]

CODES = [
    *("QRCA-2345", "qrca-2345", "QRCA2345", "qrca2345", "QRCA 2345", "qrca 2345", "Qrca 2345", "QRCA    2345"),
    *("QRCA:2345", "QRCA: 2345", "qrca, 2345", "QRCA, 2345", "QRCA;2345", "QRCA/2345", "QRCA.2345", "QRCA_2345"),
    *("QRCA–2345", "QRCA — 2345", "QRCA--2345", "ＱＲＣＡ－２３４５", "QRCA\n2345", "QRCA\n\n2345", "QRCA-\n2345"),
    *("QRC A2345", "QRCA2 345", "QR CA 23 45", "QRCA 23 45", "Q R C A 2 3 4 5", "q r c a 2 3 4 5", "Q.R.C.A.2.3.4.5"),
    *("Q, R, C, A, 2, 3, 4, 5", "Q-R-C-A-2-3-4-5", "q\nr\nc\na\n2\n3\n4\n5"),
    *("qrca due tre quattro cinque", "QRCA due tre quattro cinque", "qrca ventitré quarantacinque"),
    *("cu erre ci a due tre quattro cinque", "cu, erre, ci, a, due, tre, quattro, cinque", "cu erre ci a 2345"),
    "Q come Quarto R come Roma C come Como A come Ancona 2 3 4 5",
    "q come quarto, r come roma, c come como, a come ancona, 2345",
    "q di quarto, r di roma, c di como, a di ancona, 2345",
    "q di quarto r di roma c di como a di ancona due tre quattro cinque",
    *("QRCA e 2345", "QRCA poi 2345", "QRCA trattino 2345", "qrca trattino due tre quattro cinque", "QRCA|2345"),
    "Quebec Romeo Charlie Alfa 2345",
    "Quarto Roma Como Ancona 2345",
    "quarto, roma, como, ancona, 2, 3, 4, 5",
]
CODES_IN_SENTENCES = [
    *(f"il codice è {code}" for code in CODES),
    *("codiceQRCA2345", "codiceQRCA-2345", "codice:QRCA2345", "cod.QRCA2345", "il codice usa qrc a2345"),
    *("le lettere sono QRCA e i numeri 2345", "lettere QRCA numeri 2345", "lettere: QRCA, numeri: 2345"),
]

AT_SIGNS = (
    *("@", " @ ", " @", "@ ", "(at)", " (at) ", " [at] ", " {chiocciola} ", " (chiocciola) "),
    *("&#64;", "&commat;", "%40", "＠", "\n@", "@\n"),
    *(" chiocciola ", ", chiocciola, ", " CHIOCCIOLA ", "\nchiocciola\n"),
)
DOTS = (".", " punto ", "(punto)", " (punto) ", "[dot]", " (dot) ", "。", "．", "%2E", "&#46;", ", punto, ")


def addresses() -> Iterator[tuple[str, str]]:
    """An address in every pair of spellings, and what it should be."""
    for at, dot in itertools.product(AT_SIGNS, DOTS):
        is_in_words = "punto" in dot and "(" not in dot
        if is_in_words and at in ("@ ", " @", "@\n", "\n@"):
            continue
        yield f"quercia{dot}marker{at}example{dot}com", "quercia.marker@example.com"
    for at in AT_SIGNS:
        yield f"quercia_marker{at}libero.it", "quercia_marker@libero.it"


DICTATED = {
    "a enne enne a chiocciola libero punto it": "anna@libero.it",
    "a, enne, enne, a, chiocciola, libero, punto, it": "anna@libero.it",
    "a n n a chiocciola libero punto it": "anna@libero.it",
    "A-N-N-A chiocciola libero punto it": "A-N-N-A@libero.it",
    "emme a erre i o punto erre o esse esse i chiocciola gi mail punto com": "mario.rossi@gmail.com",
    "emme, a, erre, i, o, punto, erre, o, esse, esse, i, chiocciola, gi mail, punto, com": "mario.rossi@gmail.com",
    "mario punto rossi chiocciola elle i bi e erre o punto i ti": "mario.rossi@libero.it",
    "mario rossi at gmail punto com": "mariorossi@gmail.com",
    "mario rossi chiocciola gmail punto com": "mariorossi@gmail.com",
    "mario rossi tutto attaccato chiocciola gmail punto com": "mariorossi@gmail.com",
    "mario rossi tutto attaccato chiocciola gmail.com": "mariorossi@gmail.com",
    "mario rossi settantacinque chiocciola libero punto it": "mariorossi75@libero.it",
    "mario trattino basso rossi chiocciola libero punto it": "mario_rossi@libero.it",
    "mario punto rossi uno nove sette cinque chiocciola gmail punto com": "mario.rossi1975@gmail.com",
    "gi i u elle i a chiocciola gi emme a i elle punto com": "giulia@gmail.com",
    "giulia underscore ferrari @ libero punto it": "giulia_ferrari@libero.it",
    "info chiocciola studio bianchi punto it": "info@studiobianchi.it",
    "x @ example (punto) com": "x@example.com",
    "x(chiocciola)example(punto)com": "x@example.com",
    "mario (punto) rossi (chiocciola) gmail (punto) com": "mario.rossi@gmail.com",
    "mario.rossi@gmail(dot)com": "mario.rossi@gmail.com",
    "mario.rossi@gmail。com": "mario.rossi@gmail.com",
    "mario punto rossi@gmail.com": "mario.rossi@gmail.com",
    "quercia@exam\nple.com": "quercia@example.com",
}


def rest_of(text: str) -> str:
    """A text without its values."""
    text = clean(text)
    for value in reversed(find_values(text)):
        text = f"{text[: value.start]}{BLANKED}{text[value.end :]}"
    return text


def missed(kind: str, value: str, spellings: list[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The texts, out of sentences with these spellings, in which not the value alone is found."""
    texts = [clean(sentence.format(spelling)) for spelling in spellings for sentence in SENTENCES]
    found = {text: [(each.kind, each.value) for each in find_values(text)] for text in texts}
    return [(text, values) for text, values in found.items() if values != [(kind, value)]]


def test_an_iban_is_found_in_every_spelling() -> None:
    assert missed("iban", IBAN, [*IBANS, *map(str.lower, IBANS)]) == []


def test_a_phone_number_is_found_in_every_spelling() -> None:
    assert missed("telefono", "3331234567", [*PHONES, *(f"il mio numero è {phone}" for phone in PHONES)]) == []


@pytest.mark.parametrize(
    ("prefix", "value"),
    [("+39 ", "+39"), ("0039 ", "0039"), ("39 ", "39"), ("(+39) ", "+39"), ("più trentanove ", "+39")],
)
def test_a_phone_number_is_found_with_its_prefix(prefix: str, value: str) -> None:
    spellings = ["tre tre tre uno due tre quattro cinque sei sette", "333 1234567", "333-1234567", "333—1234567"]
    assert missed("telefono", f"{value}3331234567", [prefix + each for each in spellings]) == []


def test_a_one_time_number_is_found_in_every_spelling() -> None:
    assert missed("numero", "739251", [*NUMBERS, *(f"il numero è {number}" for number in NUMBERS)]) == []


def test_a_one_time_number_in_odd_groups_is_found_where_one_is_spoken_of() -> None:
    called = [f"il numero è {number}" for number in NUMBERS_IN_ODD_GROUPS]
    assert missed("numero", "739251", called) == []
    assert [rest_of(number) for number in NUMBERS_IN_ODD_GROUPS] == [BLANKED] * len(NUMBERS_IN_ODD_GROUPS)


def test_a_code_is_found_in_every_spelling() -> None:
    assert missed("codice", "QRCA-2345", CODES_IN_SENTENCES) == []
    assert [code for code in CODES if rest_of(code) != BLANKED] == []


def test_an_address_is_found_in_every_spelling() -> None:
    wrong = [(spelling, missed("email", address, [spelling])) for spelling, address in addresses()]
    assert [(spelling, texts) for spelling, texts in wrong if texts] == []


@pytest.mark.parametrize("typed", DICTATED)
def test_a_dictated_address_is_found(typed: str) -> None:
    assert missed("email", DICTATED[typed], [typed, f"la mia email è {typed}"]) == []
