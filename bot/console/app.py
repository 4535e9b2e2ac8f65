"""The console's routes, wired in one place."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from bot.console.access import Console
from bot.console.conversations import conversation_routes
from bot.console.dashboard import dashboard_routes
from bot.console.deletions import deletion_routes
from bot.console.handoffs import handoff_routes
from bot.console.improvement import improvement_routes
from bot.console.pages import Pages
from bot.console.readings import reading_routes
from bot.console.replay import replay_routes
from bot.console.signing_in import let_in, sign_in_routes
from bot.conversations.handoffs import Handoffs
from bot.conversations.log.deletions import Deletions
from bot.conversations.log.queries import ConversationLog
from bot.conversations.log.reviews import Reviews
from bot.conversations.support.readings import ReadAudit
from bot.conversations.support.tables import ROLES
from bot.conversations.support.users import ConsoleUsers
from bot.conversations.support.views import SavedViews
from bot.gateway.takeover import Takeover
from bot.privacy.vault import Vault
from bot.settings import Settings
from bot.web.console_openid import LOGIN, console_openid_routes, console_roles
from bot.web.openid import Claims


def console_routes(settings: Settings, engine: Engine, vault: Vault, takeover: Takeover) -> list[BaseRoute]:
    """Every page under `/console`; the navigation shows them in this order."""
    log, reviews, zone = ConversationLog(engine), Reviews(engine), ZoneInfo(settings.timezone)
    console = Console(ConsoleUsers(engine, settings.key("console")), Pages(zone))
    audit, handoffs = ReadAudit(engine), Handoffs(engine)

    async def begin(_request: Request) -> Response:
        return RedirectResponse("/console/conversations", status_code=303)

    async def signed_in(request: Request, claims: Claims) -> Response:
        roles = console_roles(claims, settings, ROLES)
        name = str(claims.get("preferred_username") or claims["sub"])
        return await let_in(console, request, f"{settings.console_openid_issuer} {claims['sub']}", name, roles)

    routes = [
        console.page("/console", begin),
        *handoff_routes(console, handoffs, takeover, audit),
        *conversation_routes(console, log, reviews, SavedViews(engine), audit, vault, handoffs, zone),
        *improvement_routes(console, log, reviews, audit, zone),
        *replay_routes(console, log, audit, settings.home / "replay.json"),
        *dashboard_routes(console, engine, audit, zone),
        *reading_routes(console, audit, zone),
        *deletion_routes(console, Deletions(engine)),
        *sign_in_routes(console, settings.key("client"), LOGIN if settings.console_openid_issuer else None),
        *console_openid_routes(settings, signed_in),
    ]
    return [*routes, console.anything_else(routes)]
