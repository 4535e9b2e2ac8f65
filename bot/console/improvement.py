"""Making the bot better: correcting what it understood, reviewing what it doubted, taking the corrections out."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.cases import cases
from bot.console.access import TEAM, Console, Refused, now, own_path
from bot.console.downloads import attachment
from bot.conversations.log.figures import midnight
from bot.conversations.log.queries import ConversationLog
from bot.conversations.log.reviews import Place, Reviews
from bot.conversations.log.training import known_messages, nlu_files, test_story
from bot.conversations.support.readings import ReadAudit

QUEUE = "/console/review"
CORRECTIONS = "/console/corrections"
_CLUSTERS = 10
_SHOWN = 25  # of each cluster
_EXPORTED = {"accepted": ("accepted",), "all": ("accepted", "proposed")}


def improvement_routes(
    console: Console, log: ConversationLog, reviews: Reviews, audit: ReadAudit, zone: ZoneInfo
) -> list[Route]:
    """The review queue, corrections and what is taken out of them."""

    async def show_queue(request: Request) -> Response:
        first = _number(request.query_params.get("first", "0"))
        today = midnight(now().astimezone(zone).date(), zone)

        def read() -> dict[str, Any]:
            audit.note(request.state.session.user.name, "review", now())
            clusters = reviews.clusters(first, _CLUSTERS + 1, _SHOWN)
            return {
                "clusters": clusters[:_CLUSTERS],
                "further": first + _CLUSTERS if len(clusters) > _CLUSTERS else None,
                "waiting": reviews.waiting(),
                "done": reviews.done_since(today),
            }

        here = f"{QUEUE}?first={first}" if first else QUEUE
        return console.render(
            request, "review.html", **await to_thread.run_sync(read), intents=intent_choices(), here=here
        )

    async def review(request: Request) -> Response:
        form, user = request.state.form, request.state.session.user
        places = [read_place(value) for name, value in request.state.fields if name == "place"]
        if not places:
            raise Refused(422, "review.none_chosen")
        is_lead = "lead" in user.roles
        if form.get("act") == "dismiss":
            count = await to_thread.run_sync(lambda: reviews.dismiss(places, user.name, is_lead=is_lead, now=now()))
        elif form.get("intent") in cases():
            count = await to_thread.run_sync(
                lambda: reviews.correct(places, form["intent"], user.name, is_lead=is_lead, now=now())
            )
        else:
            raise Refused(422, "review.intent_wanted")
        if not count:
            raise Refused(409, "review.accepted_already")
        return RedirectResponse(own_path(form.get("next") or QUEUE), status_code=303)

    async def show_corrections(request: Request) -> Response:
        page = _number(request.query_params.get("page", "0"))

        def read() -> dict[str, Any]:
            audit.note(request.state.session.user.name, "corrections", now())
            corrections, has_more = reviews.corrections_page(page)
            return {"corrections": corrections, "has_more": has_more, "corrected": reviews.corrected()}

        return console.render(request, "corrections.html", **await to_thread.run_sync(read), page=page)

    async def decide(request: Request) -> Response:
        form, user = request.state.form, request.state.session.user
        places = [read_place(value) for name, value in request.state.fields if name == "place"]
        if form.get("act") == "accept":
            if "lead" not in user.roles:
                raise HTTPException(403)
            await to_thread.run_sync(reviews.accept, places, user.name)
        else:
            await to_thread.run_sync(lambda: reviews.undo(places, is_lead="lead" in user.roles))
        return RedirectResponse(CORRECTIONS, status_code=303)

    async def download(request: Request) -> Response:
        user, wanted = request.state.session.user, request.query_params.get("state", "accepted")
        if wanted not in _EXPORTED:
            raise HTTPException(404)

        def read() -> dict[str, str]:
            items = reviews.corrections(*_EXPORTED[wanted])
            files = nlu_files([(item.text or "", item.right or "") for item in items], known_messages())
            if files:
                audit.note(user.name, "download", now(), reason="NLU YAML")
            return files

        files = await to_thread.run_sync(read)
        if not files:
            raise Refused(409, "corrections.nothing_new")
        name = "portiere-nlu.zip" if wanted == "accepted" else "portiere-nlu-proposte.zip"
        return attachment(zipped(files, now().astimezone(zone)), "application/zip", name)

    async def story(request: Request) -> Response:
        ident, user = request.path_params["conversation"], request.state.session.user

        def read() -> str | None:
            text = test_story(f"conversation {ident}", log.events(ident))
            if text is not None:
                audit.note(user.name, "download", now(), conversation_id=ident, reason="test story")
            return text

        text = await to_thread.run_sync(read)
        if text is None:
            raise HTTPException(404)
        return attachment(text.encode(), "application/yaml", f"test_{ident}.yml")

    return [
        console.page(QUEUE, show_queue, TEAM, menu="review"),
        console.page("/console/reviews", review, TEAM, methods=["POST"]),
        console.page(CORRECTIONS, show_corrections, TEAM, menu="corrections"),
        console.page("/console/corrections/decide", decide, TEAM, methods=["POST"]),
        console.page("/console/corrections/nlu.zip", download, TEAM),
        console.page("/console/conversations/{conversation}/story.yml", story, TEAM),
    ]


def intent_choices() -> dict[str, list[str]]:
    """Intents by the channel that they belong to, in the order of the catalogue; "both" comes first."""
    channels: dict[str, list[str]] = {"both": [], "widget": [], "staff": []}
    for case in cases().values():
        channels[case.channel or "both"].append(case.intent)
    return channels


def read_place(value: str) -> Place:
    """A turn as forms name it: the conversation's id and the turn's number; `Refused` if it is none."""
    ident, _, number = value.rpartition(":")
    if not ident or not number.isdecimal() or len(number) > 6:
        raise Refused(422, "review.none_chosen")
    return ident, int(number)


def zipped(files: dict[str, str], moment: datetime) -> bytes:
    """A ZIP archive of text files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in files.items():
            target.writestr(zipfile.ZipInfo(name, moment.timetuple()[:6]), text)
    return archive.getvalue()


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise HTTPException(404)
    return int(text)
