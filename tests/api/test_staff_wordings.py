"""The first sentence of an administrator leads to the right finding and fix, in free wording."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service import Chat, Service

CUSTOMERS: dict[str, tuple[str, list[str], list[str]]] = {
    "Maria Rossi": (
        "studio-brennero",
        ["login_google_twin"],
        [
            "perché Maria Rosi non riesce a entrare?",
            "la Rossi di via Roma dice che la password è giusta ma resta fuori",
            "Mi dai un'occhiata a rossi maria per piacere, il portale la respinge",
            "via roma 12/4 non accede",
            "maria.rossi@gmail.com non riesce a fare login, come mai?",
            "la signora che aveva il codice USAT-2345 non riesce più ad accedere",
        ],
    ),
    "Luca Bianchi": (
        "studio-brennero",
        ["contract_not_started"],
        [
            "il sig. Bianki non vede la sua unità",
            "chi è Bianchi? mi chiama perché non vede l'appartamento",
            "Luca Bianchi entra ma la schermata è vuota",
            "l'inquilino di v. Roma 12 int 7 non trova niente nel portale",
            "bianchi luca nn vede nulla",
            "perché luca.bianchi@example.com non vede il suo immobile?",
        ],
    ),
    "Giulia Ferrari": (
        "studio-brennero",
        ["contract_ended"],
        [
            "la mia inquilina sig.ra Ferrari di via Piave non entra più",
            "Giulia Ferarri dice che è sparito l'appartamento",
            "come mai la Ferrari non vede più i documenti?",
            "controlla l'accesso di ferrari giulia",
            "via Piave 3 interno 1: la cliente non riesce più a vedere la casa",
        ],
    ),
    "Paolo Gallo": (
        "studio-brennero",
        ["no_contract"],
        [
            "Gallo Paolo entra però non gli compare nessuna unità",
            "cosa c'è che non va con l'utenza di Paolo Galo?",
            "il cliente Gallo non vede niente nel portale",
            "verifica paolo.gallo@example.com, non vede l'unità",
            "Buongiorno, il signor Paolo Gallo lamenta di non visualizzare alcun immobile.",
        ],
    ),
    "Elena Conti": (
        "studio-brennero",
        ["login_differs_from_contact"],
        [
            "la Conti non riesce ad entrare",
            "perché Elena Conti non accede al portale?",
            "la proprietaria di via Piave 3 int. 2 non riesce ad accedere",
            "e.conti@old.example.com non riesce a collegarsi",
            "conti elena bloccata fuori, che faccio?",
        ],
    ),
    "Sara Greco": (
        "studio-brennero",
        ["no_account", "invite_expired"],
        [
            "sig Greko non riesce entrare portale",
            "Sara Greco non riesce a registrarsi",
            "la sig.ra Greco dell'int. 5 non riesce a iscriversi",
            "via Piave 3/5 non riesce a fare la registrazione, perché?",
            "la cliente greco sara dice che il portale non la fa iscrivere",
        ],
    ),
    "Davide Fontana": (
        "studio-brennero",
        ["no_account", "invite_open"],
        [
            "l'inquilino Davide Fontana non riesce ad accedere",
            "Fontanna non entra nel portale",
            "perché il conduttore di via Roma 12 int. 9 non accede?",
            "davide.fontana@example.com non riesce ad entrare",
            "fontana dav. non entra, cosa risulta?",
        ],
    ),
    "Anna Serra": (
        "studio-brennero",
        ["no_contract", "no_account"],
        [
            "la signora Serra non riesce a entrare",
            "Anna Sera non riesce ad accedere, controlla",
            "serra anna: accesso negato",
            "che problema ha la cliente Anna Serra? non entra",
            "anna.serra@example.com dice che il portale non la riconosce",
        ],
    ),
    "Franz Huber": (
        "gestioni-adige",
        ["all_in_order"],
        [
            "Franz Huber non riesce ad accedere",
            "il sig. Hubber è chiuso fuori",
            "il proprietario di c.so Adige 8 int 3 non entra",
            "huber franz non riesce a fare il login",
            "franz.huber@example.com non accede più",
        ],
    ),
}


def open_staff(service: Service, company: str) -> Chat:
    return Chat.open(service, "staff", bearer=service.portiere("token", "staff", "--company", company))


@pytest.fixture(scope="module")
def tokens(service: Service) -> dict[str, str]:
    return {
        company: service.portiere("token", "staff", "--company", company)
        for company in ("studio-brennero", "gestioni-adige")
    }


def diagnosis_of(chat: Chat) -> dict[str, Any]:
    """The structured diagnosis in the last answer; empty if there is none."""
    contents = [message.get("custom") or {} for message in chat.answer]
    return next((content for content in contents if content.get("kind") == "diagnosis"), {})


@pytest.mark.parametrize(
    ("customer", "sentence"),
    [(customer, sentence) for customer, (_, _, sentences) in CUSTOMERS.items() for sentence in sentences],
)
def test_the_first_sentence_leads_to_the_finding(
    service: Service, tokens: dict[str, str], customer: str, sentence: str
) -> None:
    company, findings, _ = CUSTOMERS[customer]
    chat = Chat.open(service, "staff", bearer=tokens[company])
    chat.say(sentence)
    diagnosis = diagnosis_of(chat)
    assert (diagnosis.get("customer"), diagnosis.get("findings")) == (customer, findings), chat.answer
