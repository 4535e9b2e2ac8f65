import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.invite_codes import ALPHABET, normalize_code
from bot.privacy.detection import clean, find_values, mask
from bot.privacy.values import REFERENCE

CODE = "USAT-2345"
ADDRESS = "mario.rossi@gmail.com"


def found(text: str) -> list[tuple[str, str]]:
    return [(value.kind, value.value) for value in find_values(clean(text))]


def masked(text: str) -> str:
    counts: Counter[str] = Counter()

    def reference(kind: str, _value: str) -> str:
        counts[kind] += 1
        return f"⟨{kind} {counts[kind]}⟩"

    return mask(text, reference).text


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("mario.rossi@gmail.com", ADDRESS),
        ("la mia mail è mario.rossi@gmail.com.", ADDRESS),
        ("(mario.rossi@gmail.com)", ADDRESS),
        ("<mario.rossi@gmail.com>", ADDRESS),
        ("mailto:mario.rossi@gmail.com", ADDRESS),
        ("email:mario.rossi@gmail.com,grazie", ADDRESS),
        ("email=mario.rossi@gmail.com", ADDRESS),
        ("'mario.rossi@gmail.com'", ADDRESS),
        ("mario.rossi @gmail.com", ADDRESS),
        ("la mia è mario.rossi @gmail.com", ADDRESS),
        ("mario.rossi@ gmail.com", ADDRESS),
        ("mario.rossi @ gmail.com", ADDRESS),
        ("mario.rossi\n@gmail.com", ADDRESS),
        ("mario.rossi@\ngmail.com", ADDRESS),
        ("mario.rossi@gmail. com", ADDRESS),
        ("mario.rossi@gmail .com", ADDRESS),
        ("mario.rossi@gmail . com", ADDRESS),
        ("mario.rossi@gmail com", ADDRESS),
        ("mario .rossi@gmail.com", ADDRESS),
        ("mario.rossi@gmail.com.Non funziona", ADDRESS),
        ("mario.rossi@gmail.com. Come faccio?", ADDRESS),
        ("mario.rossi@libero.itt. Me lo confermi?", "mario.rossi@libero.itt"),
        ("mario.rossi@gmail. Me lo confermi?", "mario.rossi@gmail"),
        ("mario.rossi@gmail.com, il codice non va", ADDRESS),
        ("mario.rossi＠gmail.com", ADDRESS),
        ("mario.\u200brossi@gmail.com", ADDRESS),
        ("mario.rossi\u202e@gmail.com", ADDRESS),
        ("mario.rossi@GMAIL.COM", ADDRESS),
        ("mario.rossi@gmail,com", "mario.rossi@gmail,com"),
        ("mario.rossi@gmail..com", "mario.rossi@gmail..com"),
        ("mario.rossi@@gmail.com", "mario.rossi@@gmail.com"),
        ("mario.rossi@gmail", "mario.rossi@gmail"),
        ("mario.rossi@gmailcom", "mario.rossi@gmailcom"),
        ("mario.rossi@gmail.con", "mario.rossi@gmail.con"),
        ("mario.rossi(at)gmail.com", ADDRESS),
        ("mario.rossi [at] gmail.com", ADDRESS),
        ("mario.rossi (chiocciola) gmail.com", ADDRESS),
        ("mario.rossi at gmail.com", ADDRESS),
        ("mario.rossi at gmail dot com", ADDRESS),
        ("mario dot rossi at gmail dot com", ADDRESS),
        ("mario.rossi et gmail.com", ADDRESS),
        ("mario.rossi chiocciola gmail.com", ADDRESS),
        ("mario.rossi chiocciola gmail", "mario.rossi@gmail"),
        ("mario punto rossi chiocciola gmail punto com", ADDRESS),
        ("Mario Punto Rossi Chiocciola Gmail Punto Com", "Mario.Rossi@gmail.com"),
        ("scrivo da mario punto rossi chiocciolina gmail punto com grazie", ADDRESS),
        ("mario punto rossi @ gmail punto com", ADDRESS),
        ("mario trattino basso rossi chiocciola libero punto it", "mario_rossi@libero.it"),
        ("mario underscore rossi chiocciola libero.it", "mario_rossi@libero.it"),
        ("mario meno rossi chiocciola libero punto it", "mario-rossi@libero.it"),
        ("mario trattino rossi chiocciola libero punto it", "mario-rossi@libero.it"),
        ("mario punto rossi 75 chiocciola libero punto it", "mario.rossi75@libero.it"),
        ("info chiocciola studio trattino rossi punto it", "info@studio-rossi.it"),
        ("info chiocciola pec punto studio punto it", "info@pec.studio.it"),
        ("a questo punto mario chiocciola libero punto it", "mario@libero.it"),
        ("mario.rossigmail.com", "mario.rossigmail.com"),
        ("mario.rossiògmail.com", "mario.rossiògmail.com"),
        ("mario75libero.it", "mario75libero.it"),
        ("mario.rossi gmail.com", ADDRESS),
        ("maria.rossi@müller.de", "maria.rossi@müller.de"),
        ("m.r+portale@studio.example.com", "m.r+portale@studio.example.com"),
        ("d'angelo@example.it", "d'angelo@example.it"),
        ("mario@it.example.com", "mario@it.example.com"),
        ("mario@comune.bolzano.bz.it", "mario@comune.bolzano.bz.it"),
    ],
)
def test_addresses_are_found_however_they_are_written(typed: str, address: str) -> None:
    assert found(typed) == [("email", address)]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("USAT-2345", CODE),
        ("usat-2345", CODE),
        ("Usat 2345", CODE),
        ("usat 2345", CODE),
        ("USAT2345", CODE),
        ("usat2345", CODE),
        ("USAT–2345", CODE),
        ("USAT — 2345", CODE),
        ("USAT_2345", CODE),
        ("USAT.2345", CODE),
        ("USAT/2345", CODE),
        ("USAT -2345", CODE),
        ("USAT\u00a02345", CODE),
        ("USAT-\n2345", CODE),
        ("USAT\n2345", CODE),
        ("ＵＳＡＴ－２３４５", CODE),
        ("USAT\u200b-2345", CODE),
        ("U S A T 2 3 4 5", CODE),
        ("u s a t 2 3 4 5", CODE),
        ("U-S-A-T-2-3-4-5", CODE),
        ("U.S.A.T.2.3.4.5", CODE),
        ("U, S, A, T, 2, 3, 4, 5", CODE),
        ("U S A T 2345", CODE),
        ("USAT 23 45", CODE),
        ("US AT 23 45", CODE),
        ("il mio codice è U S A T 2 3 4 5", CODE),
        ("il codice è USAT2345.", CODE),
        ("il codice USAT-2345 è scaduto", CODE),
        ("codice:USAT2345", CODE),
        ("USAT-2345?", CODE),
        ("«USAT-2345»", CODE),
        ("ho ricevuto usat 2345 ma non va", CODE),
        ("ho il codice usat 2345", CODE),
        ("IL MIO CODICE È USAT 2345 E NON VA", CODE),
        ("U come Udine S come Savona A come Ancona T come Torino 2 3 4 5", CODE),
        ("U come Udine, S come Savona, A come Ancona, T come Torino, 2345", CODE),
        ("u di Udine", None),
        ("esse ci a di 2 3 4 5", "SCAD-2345"),
        ("il codice è di: esse ci a di due tre quattro cinque", "SCAD-2345"),
        ("pi erre e esse trattino 2 3 4 5", "PRES-2345"),
        ("kappa 7 effe 4 emme 2 2 9", "K7F4-M229"),
        ("k7f4-m229", "K7F4-M229"),
        ("k7f4 m229", "K7F4-M229"),
        ("k7f4m229", "K7F4-M229"),
        ("K7F-4M229", "K7F4-M229"),
        ("il codice K7F-4M229", "K7F4-M229"),
        ("2345-USAT", "2345-USAT"),
        ("ABCD-EFGH", "ABCD-EFGH"),
        ("ho ABCD EFGH in mano", "ABCD-EFGH"),
        ("il codice ABCDEFGH non va", "ABCD-EFGH"),
        ("codice abcd-efgh", "ABCD-EFGH"),
        ("xkqp-wtrg", "XKQP-WTRG"),
        ("USAT-234O", "USAT234O"),
        ("USAT-2340", "USAT2340"),
        ("usat-23l5", "USAT23L5"),
        ("codice usat 2310", "USAT2310"),
        ("codice usat234o", "USAT234O"),
        ("codice SCAD-234", "SCAD234"),
        ("il codice d'invito che mi avete mandato è SCAD-234", "SCAD234"),
        ("SCAD-234 è il mio codice", "SCAD234"),
        ("codice SCAD 234", "SCAD234"),
        ("codice scad234", "SCAD234"),
        ("codice SCAD-23455", "SCAD23455"),
        ("codice S C A D 2 3 4", "SCAD234"),
        ("codice 2345678", "2345678"),
        ("codice 23456789", "2345-6789"),
        ("my code is usat2345", CODE),
        ("invito USAT-2345", CODE),
        ("codice fiscale RSSMRA80A01H501U", "RSSMRA80A01H501U"),
    ],
)
def test_codes_and_attempts_at_one_are_found(typed: str, code: str | None) -> None:
    assert found(typed) == ([("codice", code)] if code else [])


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("333 1234567", "3331234567"),
        ("3331234567", "3331234567"),
        ("333-123-4567", "3331234567"),
        ("333/1234567", "3331234567"),
        ("333.123.45.67", "3331234567"),
        ("3 3 3 1 2 3 4 5 6 7", "3331234567"),
        ("il 333 1234567 12", "3331234567"),
        ("+39 333 1234567", "+393331234567"),
        ("0039 333 1234567", "00393331234567"),
        ("39 333 1234567", "393331234567"),
        ("al 3912345678 2024", "3912345678"),
        ("(+39) 333 1234567", "+393331234567"),
        ("+39-333-1234567", "+393331234567"),
        ("0471 555 010", "0471555010"),
        ("0471/555010", "0471555010"),
        ("tel.0471 555010", "0471555010"),
        ("+39 0471 555 010", "+390471555010"),
        ("02 1234 5678", "0212345678"),
        ("+49 171 1234567", "+491711234567"),
        ("+49 (0)89 123456", "+49089123456"),
        ("+43 660 1234567", "+436601234567"),
        ("0171 1234567", "01711234567"),
        ("cell: 3331234567.", "3331234567"),
    ],
)
def test_phone_numbers_are_found(typed: str, number: str) -> None:
    assert found(typed) == [("telefono", number)]


@pytest.mark.parametrize(
    "typed",
    [
        "IT60X0542811101000000123456",
        "it60 x054 2811 1010 0000 0123 456",
        "IBAN: IT60 X054 2811 1010 0000 0123 456 grazie mille",
        "IT60-X054-2811-1010-0000-0123-456",
        "IT60 X 05428 11101 000000123456",
        "IT60 X054 2811 1010\n0000 0123 456 e 2 rate",
    ],
)
def test_ibans_are_found_and_end_where_they_end(typed: str) -> None:
    assert found(typed) == [("iban", "IT60X0542811101000000123456")]


@pytest.mark.parametrize(
    ("typed", "iban"),
    [
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("AT61 1904 3002 3457 3201", "AT611904300234573201"),
        ("GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819"),
        ("IT60 X054 2811 1010 0000 0123 45", "IT60X054281110100000012345"),
    ],
)
def test_foreign_and_mistyped_ibans_are_found(typed: str, iban: str) -> None:
    assert found(typed) == [("iban", iban)]


@pytest.mark.parametrize(
    "typed",
    [
        *("123456", "123 456", "123-456", "il numero è 123456.", "1 2 3 4 5 6", "12 34 56"),
        *("uno due tre quattro cinque sei", "codice di verifica 123456"),
    ],
)
def test_one_time_numbers_are_found(typed: str) -> None:
    assert found(typed) == [("numero", "123456")]


@pytest.mark.parametrize(
    "typed",
    [
        "il codice è scaduto",
        "codice scaduto",
        "CODICE SCADUTO",
        "Il CODICE NON FUNZIONA",
        "IL CODICE RICEVUTO NON VA BENE",
        "il codice ricevuto non va",
        "il codice inserito è corretto",
        "codice mancante",
        "codice presente sulla lettera",
        "casa mia",
        "quel dato non torna",
        "non funziona",
        "come mai?",
        "tutto bene",
        "nel 2024",
        "anno 2024",
        "da maggio 2023 a oggi",
        "il codice del 2024",
        "tra il 2023-2024",
        "via Roma 12 int. 4",
        "Corso Adige 8 int. 3",
        "via Roma 2345",
        "39100 Bolzano",
        "interno4 scala B",
        "il mio iphone12 non va",
        "il 12/03/2024 alle 12.30",
        "03/12/2024 12.30",
        "dal 01.02.2024 al 03.04.2024",
        "dalle 09.30 alle 12.30",
        "09.30-12.30",
        "alle 9:30",
        "pago 150,00 euro",
        "pago 1.500,00 €",
        "150 000 euro",
        "costa € 123456",
        "2 x 1500 e 3 x 20",
        "sono 1000 euro",
        "rate 2345 e 2346",
        "ho 2 case e 3 box",
        "0 e O",
        "a b c",
        "sono 2 3 4 5 giorni",
        "ci vi ti di a e i o",
        "su www.libero.it",
        "gmail.com",
        "ho gmail.com e libero.it",
        "webmail.libero.it",
        "https://www.example.com/area",
        "come si fa la chiocciola?",
        "metto la chiocciola e poi?",
        "ci vediamo at home",
        "@mario",
        "scrivimi @ casa",
        "niente accesso con @gmail.com",
        "scrivo @gmail.com invece di @googlemail.com",
        "finisce con chiocciola gmail punto com",
        "errore 404",
        "codice errore 500",
        "il codice ha 8 cifre",
        "un codice di 8 caratteri",
        "Wi-Fi 24h",
        "😀😀😀",
        "",
    ],
)
def test_ordinary_words_dates_and_sums_are_left_alone(typed: str) -> None:
    assert found(typed) == []


def test_several_values_in_a_message_are_found_in_order() -> None:
    text = "Sono mario.rossi@gmail.com, codice usat 2345, tel. 333 1234567, numero 123 456"
    assert found(text) == [
        ("email", ADDRESS),
        ("codice", CODE),
        ("telefono", "3331234567"),
        ("numero", "123456"),
    ]


def test_two_addresses_in_a_message_are_two_values() -> None:
    text = "non mario.rossi@gmail.com,ma mario.rossi@googlemail.com"
    assert masked(text) == "non ⟨email 1⟩,ma ⟨email 2⟩"


def test_masking_keeps_what_is_around() -> None:
    assert masked("Il codice USAT-2345 è scaduto!") == "Il codice ⟨codice 1⟩ è scaduto!"


def test_a_value_tells_where_it_stands_and_how_it_was_typed() -> None:
    text = "ecco: usat 2345."
    (value,) = find_values(text)
    assert (text[value.start : value.end], value.raw, value.value) == ("usat 2345", "usat 2345", CODE)


@pytest.mark.parametrize("typed", ["⟨email 1⟩", "⟨⟨email 1⟩⟩", "⟨\u200bemail 1⟩", "\u27e8codice 2\u27e9"])
def test_a_reference_typed_by_hand_points_at_nothing(typed: str) -> None:
    assert not REFERENCE.search(masked(f"dimmi {typed} per favore"))


def test_cleaning_keeps_line_breaks_accents_and_emoji() -> None:
    assert clean("perché\r\nno?\t🫠 città") == "perché\nno?\t🫠 città"


def test_cleaning_removes_what_cannot_be_seen_or_stored() -> None:
    assert clean("a\x00b\u202ec\u200bd\ud800e\ufeff\x1b[0m") == "abcde[0m"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    clean(text).encode()


@given(st.text())
def test_values_never_overlap_and_stand_where_they_say(text: str) -> None:
    text = clean(text)
    position = 0
    for value in find_values(text):
        assert position <= value.start < value.end
        assert text[value.start : value.end] == value.raw
        position = value.end


WORDS = ["il codice", "è", "non va", "sono", "mario", "via Roma 12", "grazie", "invito", "mail", "2024", "e"]


@given(
    st.text(alphabet=ALPHABET, min_size=8, max_size=8).filter(lambda code: 2 <= sum(map(str.isdigit, code)) <= 6),
    st.sampled_from(["{a}-{b}", "{a}{b}", "{a} - {b}", "{a}–{b}"]),
    st.booleans(),
    st.lists(st.sampled_from(WORDS), max_size=4),
)
def test_a_code_is_found_in_any_sentence(code: str, form: str, lower: bool, words: list[str]) -> None:
    typed = form.format(a=code[:4], b=code[4:])
    text = " ".join([*words, typed.lower() if lower else typed])
    assert code in [normalize_code(value.value) for value in find_values(text)]


@given(
    st.from_regex(r"[a-z]{2,9}([._-][a-z0-9]{2,8}){0,2}", fullmatch=True),
    st.sampled_from(["gmail.com", "libero.it", "studio.example.com", "t-online.de", "müller.de"]),
    st.lists(st.sampled_from(WORDS), max_size=4),
    st.sampled_from(["", ".", ",", "!", " grazie", "\nciao"]),
)
def test_an_address_is_found_in_any_sentence(local: str, domain: str, words: list[str], after: str) -> None:
    address = f"{local}@{domain}"
    assert ("email", address) in found(" ".join([*words, address]) + after)


@given(
    st.from_regex(r"3[2-9][0-9] ?[0-9]{3} ?[0-9]{4}", fullmatch=True),
    st.lists(st.sampled_from(WORDS), max_size=3),
)
def test_a_mobile_number_leaves_no_digit_behind(number: str, words: list[str]) -> None:
    assert number not in masked(" ".join(["chiamatemi al", number, *words]))


HOSTILE = [
    *(
        "a@",
        "@",
        "a.b ",
        "1 ",
        "a-",
        "ab12",
        "codice ",
        "AB12 ",
        "x",
        "0471 ",
        "3 3 3 3 3 3 a ",
        "00 ",
        "IT60 ",
        "IT60X",
    ),
    *(
        "a punto ",
        "a punto chiocciola ",
        "chiocciola ",
        "x at ",
        "a@b. ",
        "a@b,",
        " ",
        "\n",
        "-",
        "USAT-",
        "codice 12a ",
    ),
    *(
        "esse ",
        "a come A ",
        "di ",
        "gmail.com ",
        "agmail.com",
        "a.gmail.com ",
        "a (at) ",
        "😀",
        "ß",
        "⟨email 1⟩",
        "É́",
    ),
    *(
        "A B ",
        "2 3 4 5 6 7 8 ",
        "a" * 63 + "@",
        "a." * 30 + "@",
        "punto com ",
        "\u202e",
        "1.",
        "IT60 A1 ",
        "usat 2345 ",
    ),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_length_only(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        return min(_timed(text) for _ in range(3))

    assert seconds(10_000) < 0.25  # 0.02 to 0.06 on a machine with other work, and a message has 2,000 letters at most
    assert seconds(40_000) < 10 * max(seconds(10_000), 0.005)


def _timed(text: str) -> float:
    started = time.process_time()
    find_values(clean(text))
    return time.process_time() - started
