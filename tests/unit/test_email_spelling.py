from importlib.resources import files

import hypothesis.vendor
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.email_spelling import EmailCheck, check_spelling, compare, google_twin
from actions.mail_domains import COUNTRIES, ENDING_SLIPS, PROVIDERS, REAL_NEIGHBOURS
from actions.mail_slips import likely_domain
from benchmarks import email_spelling as benchmark

local_parts = st.from_regex(r"[a-z][a-z0-9]{1,10}([._-][a-z0-9]{1,10}){0,2}", fullmatch=True)


@pytest.mark.parametrize(
    "domain",
    [
        *(
            "libero.it",
            "gmx.de",
            "pec.libero.it",
            "yahoo.co.uk",
            "hotmail.gr",
            "mail.com",
            "me.com",
            "1und1.de",
        ),
        *("studiorossi.it", "example.com", "old.example.com", "comune.bolzano.bz.it", "lab.io", "azienda.co"),
    ],
)
def test_a_right_address_is_left_alone(domain: str) -> None:
    assert check_spelling(f"maria.rossi@{domain}") == EmailCheck("ok", address=f"maria.rossi@{domain}")


@pytest.mark.parametrize("domain", ["müller.de", "società-agricola.it", "straße.example.com", "xn--mller-kva.de"])
def test_international_domains_are_addresses(domain: str) -> None:
    assert check_spelling(f"info@{domain}").status == "ok"


@pytest.mark.parametrize(("typed", "meant"), [("gmàil.com", "gmail.com"), ("liberо.it", "libero.it")])
def test_letters_that_only_look_right_are_a_slip(typed: str, meant: str) -> None:
    assert check_spelling(f"luca@{typed}").suggestion == f"luca@{meant}"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gamil.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gmil.com", "gmail.com"),
        ("gmsil.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.ocm", "gmail.com"),
        ("gmail.cmo", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.it", "gmail.com"),
        ("gmail.com.it", "gmail.com"),
        ("gmali.it", "gmail.com"),
        ("g-mail.com", "gmail.com"),
        ("g.mail.com", "gmail.com"),
        ("jmail.com", "gmail.com"),
        ("gmailcom", "gmail.com"),
        ("gmail", "gmail.com"),
        ("gmail,com", "gmail.com"),
        ("gmail..com", "gmail.com"),
        ("gmail. com", "gmail.com"),
        ("GMIAL.COM", "gmail.com"),
        ("googlmail.com", "googlemail.com"),
        ("googlemail.de", "googlemail.com"),
        ("hotmial.it", "hotmail.it"),
        ("hotmeil.com", "hotmail.com"),
        ("hotnail.it", "hotmail.it"),
        ("outlok.it", "outlook.it"),
        ("autlook.it", "outlook.it"),
        ("libbero.it", "libero.it"),
        ("libero.ti", "libero.it"),
        ("libero.com", "libero.it"),
        ("lobero.it", "libero.it"),
        ("virgiglio.it", "virgilio.it"),
        ("tiscalli.it", "tiscali.it"),
        ("tiscali.i", "tiscali.it"),
        ("yaho.it", "yahoo.it"),
        ("iclaud.com", "icloud.com"),
        ("icluod.com", "icloud.com"),
        ("aruba.itt", "aruba.it"),
        ("fastwbnet.it", "fastwebnet.it"),
        ("inwnd.it", "inwind.it"),
        ("legalmial.it", "legalmail.it"),
        ("tonline.de", "t-online.de"),
        ("freenet.d", "freenet.de"),
        ("wbe.de", "web.de"),
        ("gmx.ent", "gmx.net"),
        ("protonmal.com", "protonmail.com"),
        ("studiorossi.con", "studiorossi.com"),
        ("www.libero.it", "libero.it"),
    ],
)
def test_a_slip_in_a_domain_is_told_with_what_was_meant(typed: str, meant: str) -> None:
    check = check_spelling(f"maria.rossi@{typed}")
    assert (check.status, check.suggestion) == ("typo", f"maria.rossi@{meant}")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mario.rossigmail.com", "mario.rossi@gmail.com"),
        ("mario.rossiògmail.com", "mario.rossi@gmail.com"),
        ("mario.rossi(at)gmail.com", "mario.rossi@gmail.com"),
        ("mario.rossi [at] gmail [dot] com", "mario.rossi@gmail.com"),
        ("mario.rossi chiocciola gmail punto com", "mario.rossi@gmail.com"),
        ("mario.rossi@@gmail.com", "mario.rossi@gmail.com"),
        ("mario .rossi@gmail.com", "mario.rossi@gmail.com"),
        ("mario,rossi@gmail.com", "mario.rossi@gmail.com"),
        ("mario..rossi@gmail.com", "mario.rossi@gmail.com"),
        (".mario.rossi.@gmail.com", "mario.rossi@gmail.com"),
        ("www.mario.rossi@gmail.com", "mario.rossi@gmail.com"),
        ("mario.rossi@gmail.com.", "mario.rossi@gmail.com"),
        ("huber@studio,example.com", "huber@studio.example.com"),
    ],
)
def test_a_slip_beside_the_domain_is_told_with_what_was_meant(typed: str, meant: str) -> None:
    check = check_spelling(typed)
    assert (check.status, check.suggestion) == ("typo", meant)


@pytest.mark.parametrize(
    "typed", ["", " ", "mario", "mario@", "@gmail.com", "@", "a@b@c.it", "mario@rossi", "x" * 9999]
)
def test_what_is_no_address_is_invalid_without_a_suggestion(typed: str) -> None:
    assert check_spelling(typed) == EmailCheck("invalid")


@pytest.mark.parametrize(("one", "other"), [("gmail.com", "googlemail.com"), ("googlemail.com", "gmail.com")])
def test_a_google_address_comes_with_its_twin(one: str, other: str) -> None:
    address = f"Maria.Rossi@{one}"
    assert check_spelling(address) == EmailCheck("google_twin", twin=f"Maria.Rossi@{other}", address=address)


def test_only_google_has_twins() -> None:
    assert google_twin("maria@libero.it") is None


@given(local_parts, st.sampled_from(sorted(PROVIDERS)))
def test_no_provider_is_a_slip_of_another(local: str, domain: str) -> None:
    assert check_spelling(f"{local}@{domain}").status in ("ok", "google_twin")


@given(st.text(max_size=60))
def test_a_suggestion_is_always_a_better_address(typed: str) -> None:
    suggestion = check_spelling(typed).suggestion
    if suggestion is not None:
        assert check_spelling(suggestion).status in ("ok", "google_twin")


@given(st.from_regex(r"[a-z-]{0,8}@?[a-z]{0,9}[.,]?[a-z]{0,4}", fullmatch=True))
def test_a_suggestion_for_something_like_an_address_is_better_too(typed: str) -> None:
    suggestion = check_spelling(typed).suggestion
    if suggestion is not None:
        assert check_spelling(suggestion).status in ("ok", "google_twin")


@given(local_parts, st.sampled_from(["gmail.com", "libero.it", "hotmail.com", "example.com"]), st.data())
def test_letter_case_and_blanks_around_do_not_count(local: str, domain: str, data: st.DataObject) -> None:
    address = f"{local}@{domain}"
    typed = "".join(data.draw(st.sampled_from([c, c.upper()])) for c in address)
    assert compare(f" {typed}\n", address) == "match"


def test_the_google_twin_is_told_from_a_match_both_ways() -> None:
    assert compare("maria.rossi@gmail.com", "maria.rossi@googlemail.com") == "twin_mismatch"
    assert compare("Maria.Rossi@googlemail.com", "maria.rossi@gmail.com") == "twin_mismatch"


def test_the_two_forms_of_an_international_domain_match() -> None:
    assert compare("info@xn--mller-kva.de", "info@müller.de") == "match"


@pytest.mark.parametrize(
    ("typed", "login"),
    [
        ("luca.bianchi@exmple.com", "luca.bianchi@example.com"),
        ("lucabianchi@example.com", "luca.bianchi@example.com"),
        ("luca.bianci@example.con", "luca.bianchi@example.com"),
        ("maria.rosi@gmail.com", "maria.rossi@googlemail.com"),
        ("anna@exmple.com", "anna@example.com"),
        ("luc@example.con", "luc@example.com"),
    ],
)
def test_a_slip_away_from_the_login_is_a_near_miss(typed: str, login: str) -> None:
    assert compare(typed, login) == "near_miss"


@pytest.mark.parametrize(
    ("typed", "login"),
    [
        ("elena.conti@example.com", "e.conti@old.example.com"),
        ("luca.bianchi@example.com", "lucia.bianco@example.com"),
        ("lu@example.com", "lo@example.com"),
        ("anna@example.com", "anno1@example.com"),
        ("paolo@example.com", "carlo@example.com"),
        ("maria.rossi@libero.it", "maria.rossi@gmail.com"),
        ("", "maria.rossi@gmail.com"),
    ],
)
def test_more_than_a_slip_away_is_different(typed: str, login: str) -> None:
    assert compare(typed, login) == "different"


@given(st.from_regex(r"[a-z]{1,12}", fullmatch=True), st.from_regex(r"[a-z]{1,12}", fullmatch=True))
def test_a_guesser_learns_nothing_from_a_name_three_letters_off(one: str, other: str) -> None:
    if abs(len(one) - len(other)) >= 3 or len(set(one) - set(other)) >= 3:
        assert compare(f"{one}@example.com", f"{other}@example.com") == "different"


def test_no_ending_called_a_slip_exists() -> None:
    listed = files(hypothesis.vendor).joinpath("tlds-alpha-by-domain.txt").read_text(encoding="ascii")
    endings = set(listed.lower().split())
    assert not endings & set(ENDING_SLIPS)
    assert set(ENDING_SLIPS.values()) | COUNTRIES <= endings


def test_real_neighbours_are_listed_only_where_they_would_be_doubted() -> None:
    with benchmark.no_known_neighbours():
        assert [domain for domain in sorted(REAL_NEIGHBOURS) if likely_domain(domain) is None] == []


def test_the_measured_rates_hold() -> None:
    rates = benchmark.measure()
    assert rates.false_alarms < 0.005
    assert rates.found_as_used > 0.95
