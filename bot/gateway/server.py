"""The gateway process."""

from __future__ import annotations

import contextlib
import socket
import sys

import uvicorn

from bot.gateway.app import create_app
from bot.gateway.streams import Streams
from bot.gateway.tokens import UnusableKey
from bot.settings import Settings
from bot.web.embedding import UnusableOrigin

_NOT_STARTED = 3  # as uvicorn's own command exits


class Server(uvicorn.Server):
    """Ends open streams when it is told to stop: it would else wait for them, and they for news."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then wait for the answers that are on their way."""
        self._streams.close()
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Run the gateway until it is told to stop. Requests are not logged: their addresses belong to people."""
    try:
        app = create_app(settings)
    except (UnusableKey, UnusableOrigin) as error:
        sys.exit(f"The gateway cannot start: {error}")
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        ws="none",
        server_header=False,
        # Reverse proxies that the operator trusts say whom they speak for; anybody else who does is not believed,
        # because the limits count by that address.
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        log_level="warning",
    )
    server = Server(config, app.state.streams)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)
