"""The description in docs/openapi.yaml against the running service, tried by schemathesis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings

from bot.gateway.api import api_routes
from bot.settings import Settings
from tests.service import Chat, Service

DESCRIPTION = Path("docs/openapi.yaml")
CONTENT = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
# A stream of events does not end by itself: it has tests of its own.
SCHEMA = schemathesis.openapi.from_path(DESCRIPTION).exclude(path_regex="/events$")
UNTOLD = [  # what the service does on purpose, and the description cannot say
    schemathesis.checks.CHECKS.get_one("unsupported_method"),  # HEAD is answered where GET is
    schemathesis.checks.CHECKS.get_one("positive_data_acceptance"),  # a payload must have been offered before
]


@pytest.fixture(scope="module")
def bearers(service: Service) -> dict[str, str]:
    """A good token for each part of the API."""
    staff = service.portiere("token", "staff", "--company", "studio-brennero")
    widget_session, staff_session = (
        chat.session["token"] for chat in (Chat.open(service), Chat.open(service, "staff", bearer=staff))
    )
    return {
        "/api/widget/sessions": "",
        "/api/staff/sessions": staff,
        "/api/widget/identity": widget_session,
        "/api/widget/messages": widget_session,
        "/api/staff/messages": staff_session,
        "/api/widget/rating": widget_session,
        "/api/staff/rating": staff_session,
    }


@SCHEMA.parametrize()
@settings(max_examples=10, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_service_does_what_its_description_says(
    case: schemathesis.Case, service: Service, bearers: dict[str, str]
) -> None:
    headers = {}
    if bearer := bearers[case.operation.path]:
        headers["Authorization"] = f"Bearer {bearer}"
    response = case.call(base_url=service.url, headers=headers)
    case.validate_response(response, excluded_checks=UNTOLD)


def test_every_route_is_described_and_nothing_else() -> None:
    routes = {
        (route.path, method)
        for route in api_routes(Settings(), None, None, None, None)  # type: ignore[arg-type]
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {
        (path, method.upper())
        for path, item in CONTENT["paths"].items()
        for method in item
        if method in ("get", "post", "put", "patch", "delete")
    }
    assert routes == described


@pytest.mark.parametrize(
    "sentence",
    [
        "Maria Rossi non riesce ad accedere",
        "Sara Greco non riesce a registrarsi",
        "chi non è ancora registrato?",
    ],
)
def test_structured_answers_are_as_described(staff_chat: Chat, sentence: str) -> None:
    staff_chat.say(sentence)
    customs = [message["custom"] for message in staff_chat.answer if "custom" in message]
    assert customs
    for custom in customs:
        validate(custom, "Custom")


def validate(content: Any, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": CONTENT["components"]}
    jsonschema.Draft202012Validator(schema).validate(content)
