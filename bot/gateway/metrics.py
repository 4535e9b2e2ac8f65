"""What the gateway counts, as Prometheus reads it, for clients on this machine only."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from anyio import to_thread
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.conversations.outbox import Outbox

_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0)


class Metrics:
    """The counters of one application; none is labelled by anything that a client chooses."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("portiere_requests", "Requests answered.", ("route", "status"), registry=self.registry)
        self.turn_seconds = Histogram(
            "portiere_turn_seconds",
            "Seconds from a message to its answer or failure.",
            ("channel",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.rasa_failures = Counter(
            "portiere_rasa_failures", "Calls to which Rasa gave no answer.", registry=self.registry
        )
        self.limit_refusals = Counter(
            "portiere_limit_refusals", "Requests refused by a limit.", ("limit",), registry=self.registry
        )
        self.mails = Gauge(
            "portiere_mails",
            "Mails that wait to be sent, or are not tried any more.",
            ("state",),
            registry=self.registry,
        )


def metrics_routes(metrics: Metrics, outbox: Outbox) -> list[Route]:
    """`/metrics`, which does not exist for anybody but this machine."""

    async def show(request: Request) -> Response:
        if not _is_from_here(request):
            raise HTTPException(404)
        for state, count in (await to_thread.run_sync(outbox.counts)).items():
            metrics.mails.labels(state).set(count)
        return Response(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [Route("/metrics", show)]


class CountRequests:
    """Counts every answer by its route; what is at no known address counts as ``other``."""

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: Collection[str]) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it when its answer begins."""

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = scope["path"] if scope["path"] in self._paths else "other"
                self._metrics.requests.labels(route, message["status"]).inc()
            await send(message)

        await self._app(scope, receive, send_counted if scope["type"] == "http" else send)


def _is_from_here(request: Request) -> bool:
    # A proxy on this machine speaks for somebody else, whatever address it names.
    if request.client is None or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
