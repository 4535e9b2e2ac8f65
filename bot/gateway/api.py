"""The widget API and the staff API: the same forms, another proof."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions.accounts.interface import Accounts
from bot.conversations.store import Conversation, Proof
from bot.gateway.desk import LONGEST_TEXT, Desk
from bot.gateway.problems import Problem
from bot.gateway.requests import bearer_token, client_of, read_json, unauthorized
from bot.gateway.tokens import InvalidToken, portal_account, staff_identity
from bot.settings import Settings

_MESSAGE_FIELDS = {"text": LONGEST_TEXT, "payload": 1000, "client_message_id": 64}
_SESSION_FIELDS = {"language": 8, "identity": 4096}
_RATING_FIELDS = {"thumb": 4, "remark": 1000}
_THUMBS = ("up", "down")
_LANGUAGES = ("it",)
_MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,64}")

# The proof, and what the person may see of themselves in the answer.
ProofOf = Callable[[Request, dict[str, str]], Awaitable[tuple[Proof, dict[str, Any]]]]


def api_routes(settings: Settings, desk: Desk, accounts: Accounts) -> list[Route]:
    """Routes of both APIs."""
    client_key = settings.key("client")

    async def widget_proof(request: Request, content: dict[str, str]) -> tuple[Proof, dict[str, Any]]:
        client = client_of(request, client_key)
        if "identity" not in content:
            return Proof(client=client), {}
        try:
            login = portal_account(content["identity"], settings, _now())
        except InvalidToken as error:
            raise unauthorized(str(error)) from error
        account = await to_thread.run_sync(accounts.find_account, login)
        if account is None:
            raise unauthorized("The token speaks for an account that does not exist.")
        return Proof(tier="portal", account_id=account.id, client=client), {}

    async def staff_proof(request: Request, _content: dict[str, str]) -> tuple[Proof, dict[str, Any]]:
        try:
            staff = staff_identity(bearer_token(request), settings, _now())
            company = await to_thread.run_sync(accounts.company, staff.company)
        except InvalidToken as error:
            raise unauthorized(str(error)) from error
        except LookupError as error:
            raise unauthorized("The token speaks for a company that does not exist.") from error
        client = client_of(request, client_key)
        person = {"subject": staff.subject, "name": staff.name or staff.subject, "company": company.name}
        proof = Proof(tier="administrator", subject=staff.subject, company=staff.company, client=client)
        return proof, {"administrator": person}

    return [*_routes("widget", desk, widget_proof), *_routes("staff", desk, staff_proof)]


def _routes(channel: str, desk: Desk, proof_of: ProofOf) -> list[Route]:
    async def open_session(request: Request) -> Response:
        content = await read_json(request, _SESSION_FIELDS)
        language = content.get("language", "it")
        if language not in _LANGUAGES:
            raise Problem(422, f"The field language must be one of: {', '.join(_LANGUAGES)}.")
        proof, person = await proof_of(request, content)
        return JSONResponse({**await desk.open(channel, language, proof), **person}, status_code=201)

    async def conversation_of(request: Request) -> Conversation:
        conversation = await desk.authenticate(bearer_token(request), channel)
        if conversation is None:
            raise unauthorized("The conversation has ended, or the token is wrong. Begin a new session.")
        return conversation

    async def post_message(request: Request) -> Response:
        conversation = await conversation_of(request)
        content = await read_json(request, _MESSAGE_FIELDS)
        if ("text" in content) == ("payload" in content):
            raise Problem(422, "Send either the field text or the field payload.")
        message_id = content.get("client_message_id")
        if message_id is not None and not _MESSAGE_ID.fullmatch(message_id):
            raise Problem(422, "The field client_message_id must be 1 to 64 visible ASCII characters.")
        if "text" in content:
            messages = await desk.answer_text(conversation, content["text"], message_id)
        else:
            messages = await desk.answer_payload(conversation, content["payload"], message_id)
        return JSONResponse({"messages": messages})

    async def get_messages(request: Request) -> Response:
        return JSONResponse({"messages": await desk.history(await conversation_of(request))})

    async def post_rating(request: Request) -> Response:
        conversation = await conversation_of(request)
        content = await read_json(request, _RATING_FIELDS)
        if content.get("thumb") not in _THUMBS:
            raise Problem(422, f"The field thumb must be one of: {', '.join(_THUMBS)}.")
        await desk.rate(conversation, content["thumb"], content.get("remark"))
        return Response(status_code=204)

    async def messages(request: Request) -> Response:
        # One route for both methods: of two, the framework would name only one in the header Allow.
        return await (post_message if request.method == "POST" else get_messages)(request)

    return [
        Route(f"/api/{channel}/rating", post_rating, methods=["POST"]),
        Route(f"/api/{channel}/sessions", open_session, methods=["POST"]),
        Route(f"/api/{channel}/messages", messages, methods=["GET", "POST"]),
    ]


def _now() -> datetime:
    return datetime.now(timezone.utc)
