"""The list of conversations, and one conversation with what the bot made of it."""

from __future__ import annotations

import datetime as clock
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.cases import CHANNELS, cases
from bot.console.access import Console, Refused, now
from bot.console.days import beginning_of
from bot.console.improvement import intent_choices
from bot.conversations.handoffs import Handoffs
from bot.conversations.log.filters import Filters
from bot.conversations.log.outcomes import OUTCOMES
from bot.conversations.log.queries import BadKey, ConversationLog
from bot.conversations.log.reviews import Reviews
from bot.conversations.support.readings import ReadAudit
from bot.conversations.support.views import SavedViews, ViewRefused
from bot.privacy.values import REFERENCE
from bot.privacy.vault import Vault

LIST = "/console/conversations"
_CHOICES = {"channel": CHANNELS, "outcome": OUTCOMES, "thumb": ("up", "down")}
_YES_NO = {"yes": True, "no": False}
_FIELDS = (*_CHOICES, "since", "until", "intent", "finding", "handed_off", "unsure", "went_wrong", "below", "words")
_LONGEST_WORDS = 200
_SHORTEST_REASON, _LONGEST_REASON = 5, 300


class BadFilter(ValueError):
    """A filter that can't be understood; the text is its field."""


def conversation_routes(
    console: Console,
    log: ConversationLog,
    reviews: Reviews,
    views: SavedViews,
    audit: ReadAudit,
    vault: Vault,
    handoffs: Handoffs,
    zone: ZoneInfo,
) -> list[Route]:
    """List, saved views, transcript, and the values behind its references."""

    async def show_list(request: Request) -> Response:
        asked = {name: value for name in _FIELDS if (value := request.query_params.get(name, "").strip())}
        wrong = None
        try:
            filters = read_filters(asked, zone)
        except BadFilter as error:
            wrong, filters = str(error), Filters()

        def read() -> dict[str, Any]:
            ends = {name: request.query_params.get(name) or None for name in ("older_than", "newer_than")}
            page = log.page(filters, **ends)
            # Without the words: they may be a person's, and the audit outlives what is erased.
            narrowed = urlencode({name: value for name, value in asked.items() if name != "words"})
            kind = "search" if filters.words else "list"
            audit.note(request.state.session.user.name, kind, now(), reason=narrowed or None)
            return {
                "page": page,
                "running": handoffs.running([talk.id for talk in page.conversations], now()),
                "findings": log.findings(),
                "views": views.listed(request.state.session.user.id),
            }

        try:
            found = await to_thread.run_sync(read)
        except BadKey as error:
            raise HTTPException(404) from error
        query = urlencode(asked)
        today = now().astimezone(zone).date()
        choices = {**_CHOICES, "intent": [case.intent for case in cases().values()]}
        return console.render(
            request,
            "conversations.html",
            **found,
            asked=asked,
            query=query,
            choices=choices,
            wrong=wrong,
            ready=ready_views(today),
        )

    async def save_view(request: Request) -> Response:
        form, user = request.state.form, request.state.session.user
        query = form.get("query", "")[:2000]
        try:
            await to_thread.run_sync(views.save, user.id, form.get("name", ""), query)
        except ViewRefused as error:
            raise Refused(422, f"list.{error}") from error
        return RedirectResponse(f"{LIST}?{query}", status_code=303)

    async def remove_view(request: Request) -> Response:
        user = request.state.session.user
        await to_thread.run_sync(views.remove, user.id, request.path_params["view"])
        return RedirectResponse(LIST, status_code=303)

    async def show_transcript(request: Request) -> Response:
        ident, user = request.path_params["conversation"], request.state.session.user

        def read() -> dict[str, Any] | None:
            conversation = log.conversation(ident)
            if conversation is None:
                return None
            audit.note(user.name, "transcript", now(), conversation_id=ident)
            return {
                "conversation": conversation,
                "turns": log.turns(ident),
                "reviews": reviews.of_conversation(ident),
                "cases": handoffs.cases_of(ident),
                "is_running": bool(handoffs.running([ident], now())),
            }

        found = await to_thread.run_sync(read)
        if found is None:
            raise HTTPException(404)
        references = sorted(
            {match.group() for turn in found["turns"] for match in REFERENCE.finditer(str(_texts(turn)))}
        )
        return console.render(
            request,
            "transcript.html",
            **found,
            references=references,
            intents=intent_choices(),
            back=_list_before(request),
        )

    async def reveal(request: Request) -> Response:
        ident, form, user = request.path_params["conversation"], request.state.form, request.state.session.user
        reference, reason = form.get("reference", ""), " ".join(form.get("reason", "").split())
        if not REFERENCE.fullmatch(reference) or not _SHORTEST_REASON <= len(reason) <= _LONGEST_REASON:
            raise Refused(422, "transcript.reason_wanted")

        def read() -> str | None:
            audit.note(user.name, "reveal", now(), conversation_id=ident, reference=reference, reason=reason)
            return vault.resolve(ident, reference)

        value = await to_thread.run_sync(read)
        return console.render(
            request, "revealed.html", conversation_id=ident, reference=reference, reason=reason, value=value
        )

    return [
        console.page(LIST, show_list, menu="conversations"),
        console.page("/console/views", save_view, methods=["POST"]),
        console.page("/console/views/{view:int}/remove", remove_view, methods=["POST"]),
        console.page(LIST + "/{conversation}", show_transcript),
        console.page(LIST + "/{conversation}/reveal", reveal, ("privacy",), methods=["POST"]),
    ]


def read_filters(asked: Mapping[str, str], zone: ZoneInfo) -> Filters:
    """The filters in an address; `BadFilter` names the first that is none. Days are the zone's, both included."""
    values: dict[str, Any] = {}
    for name, text in asked.items():
        if name in _CHOICES and text not in _CHOICES[name]:
            raise BadFilter(name)
        if name in ("since", "until"):
            values[name] = _midnight(name, text, zone)
        elif name in ("handed_off", "unsure", "went_wrong"):
            if text not in _YES_NO:
                raise BadFilter(name)
            values[name] = _YES_NO[text]
        elif name == "below":
            values[name] = _share(text)
        else:
            values[name] = text[:_LONGEST_WORDS]
    return Filters(**values)


def _list_before(request: Request) -> str:
    """The query of the list that led here: as a form of this page kept it, else as the browser tells."""
    before = urlsplit(request.headers.get("referer", ""))
    return request.query_params.get("back") or (before.query if before.path == LIST else "")


def ready_views(today: clock.date) -> dict[str, str]:
    """The views that everybody has, by the key of their name: queries of the list."""

    def wrong_on(day: clock.date) -> str:
        return urlencode({"since": day, "until": day, "went_wrong": "yes"})

    return {
        "quick_today": wrong_on(today),
        "quick_yesterday": wrong_on(today - timedelta(days=1)),
        "quick_wrong": "went_wrong=yes",
        "quick_unsure": "unsure=yes",
        "quick_handed_off": "handed_off=yes",
        "quick_down": "thumb=down",
    }


def _midnight(name: str, text: str, zone: ZoneInfo) -> datetime:
    try:
        return beginning_of(text, zone, after=name == "until")
    except ValueError as error:
        raise BadFilter(name) from error


def _share(text: str) -> float:
    try:
        percent = int(text)
    except ValueError as error:
        raise BadFilter("below") from error
    if not 0 < percent <= 100:
        raise BadFilter("below")
    return percent / 100


def _texts(turn: Any) -> list[Any]:
    return [turn.text, turn.answers, turn.slots]
