"""The hand-off queue, and one case with its running conversation: take it, speak in it, give it back to the bot."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.console.access import NO_STORE, TEAM, Console, Refused, now
from bot.conversations.handoffs import Case, Handoffs, speaking_name
from bot.conversations.support.readings import ReadAudit
from bot.gateway.takeover import LONGEST_SAID, Ended, NotYours, Takeover

QUEUE = "/console/handoffs"
QUEUE_LIST = f"{QUEUE}/list"  # what its page asks for by itself
_LONGEST_NOTE = 1000
_DIGITS = 5  # of a page's number
_CANNED = Path(__file__).with_name("canned.it.json")

Step = Callable[[Case, str, Mapping[str, str]], Awaitable[None]]


def handoff_routes(console: Console, handoffs: Handoffs, takeover: Takeover, audit: ReadAudit) -> list[Route]:
    """The queue, a case, its talk as it goes on, and what can be done with it."""

    canned: Sequence[Mapping[str, str]] = json.loads(_CANNED.read_text(encoding="utf-8"))

    async def show_queue(request: Request) -> Response:
        shown = "closed" if request.query_params.get("show") == "closed" else "unclosed"
        wanted, is_asked_by_itself = request.query_params.get("page", ""), request.url.path == QUEUE_LIST
        page, user = int(wanted) if wanted.isdecimal() and len(wanted) < _DIGITS else 0, request.state.session.user.name

        def read() -> dict[str, Any]:
            cases, has_more = handoffs.closed(page) if shown == "closed" else handoffs.queue(user, now(), page)
            note = audit.note_again if is_asked_by_itself else audit.note
            note(user, "queue", now())
            return {"cases": cases, "has_more": has_more, "waiting": handoffs.waiting()}

        template = "handoffs_list.html" if is_asked_by_itself else "handoffs.html"
        return console.render(request, template, **await to_thread.run_sync(read), shown=shown, page=page, now=now())

    async def count_waiting(_request: Request) -> Response:
        return JSONResponse({"waiting": await to_thread.run_sync(handoffs.waiting)}, headers=NO_STORE)

    async def found(request: Request) -> Case:
        case = await to_thread.run_sync(handoffs.case, request.path_params["number"])
        if case is None:
            raise HTTPException(404)
        return case

    async def show_case(request: Request) -> Response:
        case, user = await found(request), request.state.session.user
        may_assign = _may_assign(case, request)

        def read() -> dict[str, Any]:
            audit.note(user.name, "transcript", now(), conversation_id=case.conversation_id)
            others = [name for name in team() if name != (case.taken_by or user.name)] if may_assign else []
            return {"notes": handoffs.notes(case.id), "colleagues": others}

        return console.render(
            request,
            "handoff.html",
            **await to_thread.run_sync(read),
            **await talk(case),
            case=case,
            canned=canned,
            message_id=uuid.uuid4().hex,
            is_mine=case.taken_by == user.name,
            may_pass_on=_owner(case, request) is not None,
            speaks_as=speaking_name(user.name),
            now=now(),
        )

    def team() -> list[str]:
        return [one.name for one in console.users.listed() if one.is_active and one.may(TEAM)]

    async def talk(case: Case) -> dict[str, Any]:
        said = await to_thread.run_sync(takeover.talk, case)
        return {"talk": [{**one, "at": datetime.fromisoformat(one["time"])} for one in said]}

    async def show_talk(request: Request) -> Response:
        case = await found(request)
        user = request.state.session.user
        await to_thread.run_sync(
            lambda: audit.note_again(user.name, "transcript", now(), conversation_id=case.conversation_id)
        )
        return console.render(request, "handoff_talk.html", **await talk(case), case=case, now=now())

    def post(name: str, step: Step, *, of_owner: bool = False) -> Route:
        """A step of the user; ``of_owner``: of whoever has the case, which a lead may do in their place."""

        async def do(request: Request) -> Response:
            case = await found(request)
            by = _owner(case, request) if of_owner else request.state.session.user.name
            if by is None or (name == "assign" and not _may_assign(case, request)):
                raise Refused(409, "handoff.not_yours")
            try:
                await step(case, by, request.state.form)
            except NotYours as error:
                raise Refused(409, "handoff.not_yours") from error
            except Ended as error:
                raise Refused(409, "handoff.ended") from error
            return RedirectResponse(f"{QUEUE}/{case.number}", status_code=303)

        return console.page(f"{QUEUE}/{{number}}/{name}", do, TEAM, methods=["POST"])

    async def take(case: Case, user: str, _form: Mapping[str, str]) -> None:
        await takeover.take(case.number, user)

    async def say(case: Case, user: str, form: Mapping[str, str]) -> None:
        text, ident = form.get("text", "").strip(), form.get("message_id", "")
        if not 0 < len(text) <= LONGEST_SAID or not 0 < len(ident) <= 64:
            raise Refused(422, "handoff.text_wanted")
        await takeover.say(case.number, user, text, ident)

    async def note(case: Case, user: str, form: Mapping[str, str]) -> None:
        text = form.get("text", "").strip()
        if not 0 < len(text) <= _LONGEST_NOTE:
            raise Refused(422, "handoff.note_wanted")
        if not await takeover.note(case, user, text):
            raise Refused(409, "handoff.texts_gone")

    async def close(case: Case, user: str, _form: Mapping[str, str]) -> None:
        if case.state == "taken":
            await takeover.give_back(case.number, user)
        elif not await to_thread.run_sync(handoffs.close, case.number, now()):
            raise NotYours

    async def assign(case: Case, _user: str, form: Mapping[str, str]) -> None:
        if form.get("to") not in await to_thread.run_sync(team):
            raise Refused(422, "handoff.somebody_wanted")
        if case.taken_by is None:
            await takeover.take(case.number, form["to"])
        else:
            await takeover.assign(case.number, case.taken_by, form["to"])

    async def give_back(case: Case, owner: str, _form: Mapping[str, str]) -> None:
        await takeover.give_back(case.number, owner)

    async def put_back(case: Case, owner: str, _form: Mapping[str, str]) -> None:
        await takeover.put_back(case.number, owner)

    async def begin(request: Request) -> Response:
        ident, user = request.path_params["conversation"], request.state.session.user
        try:
            case = await takeover.begin(ident, user.name)
        except NotYours as error:
            raise Refused(409, "handoff.not_yours") from error
        except Ended as error:
            raise Refused(409, "handoff.ended_already") from error
        return RedirectResponse(f"{QUEUE}/{case.number}", status_code=303)

    return [
        console.page(QUEUE, show_queue, TEAM, menu="handoffs", count=handoffs.waiting),
        console.page(QUEUE_LIST, show_queue, TEAM, asks_itself=True),
        console.page(f"{QUEUE}/waiting", count_waiting, TEAM, asks_itself=True),
        console.page(QUEUE + "/{number}", show_case, TEAM),
        console.page(QUEUE + "/{number}/talk", show_talk, TEAM, asks_itself=True),
        post("take", take),
        post("say", say),
        post("note", note),
        post("close", close),
        post("assign", assign),
        post("give-back", give_back, of_owner=True),
        post("put-back", put_back, of_owner=True),
        console.page("/console/conversations/{conversation}/take", begin, TEAM, methods=["POST"]),
    ]


def _owner(case: Case, request: Request) -> str | None:
    """Whose case this user may pass on: their own, as a lead anybody's; None if nobody has it or they may not."""
    user = request.state.session.user
    return case.taken_by if case.state == "taken" and (case.taken_by == user.name or user.may(("lead",))) else None


def _may_assign(case: Case, request: Request) -> bool:
    """Whether this user may give the case to another: their own, as a lead anybody's and what nobody has yet."""
    is_lead = request.state.session.user.may(("lead",))
    return (case.state == "open" and is_lead) or _owner(case, request) is not None
