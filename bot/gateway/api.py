"""The widget API and the staff API: the same forms, another proof."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from actions.accounts.interface import Accounts
from bot.conversations.store import Conversation, Proof
from bot.gateway.desk import LONGEST_TEXT, Desk
from bot.gateway.limiter import Limiter
from bot.gateway.problems import Problem
from bot.gateway.requests import bearer_token, client_of, read_json, unauthorized
from bot.gateway.streams import Streams
from bot.gateway.tokens import InvalidToken, portal_account, staff_identity
from bot.settings import Settings

_MESSAGE_FIELDS = {"text": LONGEST_TEXT, "payload": 1000, "client_message_id": 64}
_SESSION_FIELDS = {"language": 8, "identity": 4096}
_IDENTITY_FIELDS = {"identity": 4096}
_RATING_FIELDS = {"thumb": 4, "remark": 1000}
_THUMBS = ("up", "down")
_LANGUAGES = ("it",)
_EVENT_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,64}")

# The proof, and what the person may see of themselves in the answer.
ProofOf = Callable[[Request, dict[str, str]], Awaitable[tuple[Proof, dict[str, Any]]]]


def api_routes(settings: Settings, desk: Desk, streams: Streams, limiter: Limiter, accounts: Accounts) -> list[Route]:
    """Routes of both APIs."""
    client_key = settings.key("client")

    def client(request: Request) -> str:
        return client_of(request, client_key)

    async def widget_proof(request: Request, content: dict[str, str]) -> tuple[Proof, dict[str, Any]]:
        if "identity" not in content:
            return Proof(client=client(request)), {}
        try:
            login = portal_account(content["identity"], settings, _now())
        except InvalidToken as error:
            raise unauthorized(str(error)) from error
        account = await to_thread.run_sync(accounts.find_account, login)
        if account is None:
            raise unauthorized("The token speaks for an account that does not exist.")
        return Proof(tier="portal", account_id=account.id, client=client(request)), {}

    async def staff_proof(request: Request, _content: dict[str, str]) -> tuple[Proof, dict[str, Any]]:
        try:
            staff = staff_identity(bearer_token(request), settings, _now())
            company = await to_thread.run_sync(accounts.company, staff.company)
        except InvalidToken as error:
            raise unauthorized(str(error)) from error
        except LookupError as error:
            raise unauthorized("The token speaks for a company that does not exist.") from error
        person = {"subject": staff.subject, "name": staff.name or staff.subject, "company": company.name}
        proof = Proof(tier="administrator", subject=staff.subject, company=staff.company, client=client(request))
        return proof, {"administrator": person}

    async def check_identity(request: Request) -> Response:
        await limiter.count_request(client(request))
        conversation = await _conversation_of(request, "widget", desk)
        content = await read_json(request, _IDENTITY_FIELDS)
        if "identity" not in content:
            raise Problem(422, "Send the field identity.")
        proof, _ = await widget_proof(request, content)
        if proof.account_id != conversation.proof.account_id:
            raise unauthorized("The conversation is not that of the account that the token speaks for.")
        return Response(status_code=204)

    def routes(channel: str, proof_of: ProofOf) -> list[Route]:
        return _routes(channel, desk, streams, limiter, client, proof_of)

    return [
        *routes("widget", widget_proof),
        Route("/api/widget/identity", check_identity, methods=["POST"]),
        *routes("staff", staff_proof),
    ]


async def _conversation_of(request: Request, channel: str, desk: Desk) -> Conversation:
    conversation = await desk.authenticate(bearer_token(request), channel)
    if conversation is None:
        raise unauthorized("The conversation has ended, or the token is wrong. Begin a new session.")
    return conversation


def _routes(
    channel: str, desk: Desk, streams: Streams, limiter: Limiter, client: Callable[[Request], str], proof_of: ProofOf
) -> list[Route]:
    async def open_session(request: Request) -> Response:
        content = await read_json(request, _SESSION_FIELDS)
        language = content.get("language", "it")
        if language not in _LANGUAGES:
            raise Problem(422, f"The field language must be one of: {', '.join(_LANGUAGES)}.")
        await limiter.count_session(client(request))  # first of all: wrong tokens are counted, too
        proof, person = await proof_of(request, content)
        return JSONResponse({**await desk.open(channel, language, proof), **person}, status_code=201)

    async def conversation_of(request: Request) -> Conversation:
        await limiter.count_request(client(request))
        return await _conversation_of(request, channel, desk)

    async def end_session(request: Request) -> Response:
        conversation = await conversation_of(request)
        await desk.end(conversation)
        streams.end(conversation.id)
        return Response(status_code=204)

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
        return JSONResponse({"messages": messages, "handoff": await desk.standing(conversation)})

    async def get_messages(request: Request) -> Response:
        conversation = await conversation_of(request)
        messages = await desk.history(conversation)
        return JSONResponse({"messages": messages, "handoff": await desk.standing(conversation)})

    async def listen(request: Request) -> Response:
        conversation = await conversation_of(request)
        last = request.headers.get("last-event-id", "").strip()
        if last and not _EVENT_ID.fullmatch(last):
            raise Problem(422, "The header Last-Event-ID must be the id of an event of this stream.")
        stream = await streams.open(conversation, int(last) if last else None)
        # Proxies (nginx) would else hold back what comes in small pieces.
        return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def post_rating(request: Request) -> Response:
        conversation = await conversation_of(request)
        content = await read_json(request, _RATING_FIELDS)
        if content.get("thumb") not in _THUMBS:
            raise Problem(422, f"The field thumb must be one of: {', '.join(_THUMBS)}.")
        await desk.rate(conversation, content["thumb"], content.get("remark"))
        return Response(status_code=204)

    # One route for both methods: of two, the framework would name only one in the header Allow.
    async def sessions(request: Request) -> Response:
        return await (open_session if request.method == "POST" else end_session)(request)

    async def messages(request: Request) -> Response:
        return await (post_message if request.method == "POST" else get_messages)(request)

    return [
        Route(f"/api/{channel}/events", listen),
        Route(f"/api/{channel}/rating", post_rating, methods=["POST"]),
        Route(f"/api/{channel}/sessions", sessions, methods=["POST", "DELETE"]),
        Route(f"/api/{channel}/messages", messages, methods=["GET", "POST"]),
    ]


def _now() -> datetime:
    return datetime.now(timezone.utc)
