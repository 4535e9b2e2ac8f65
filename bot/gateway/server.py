"""The gateway process."""

from __future__ import annotations

import uvicorn

from bot.gateway.app import create_app
from bot.settings import Settings


def serve(settings: Settings) -> None:
    """Run the gateway until it is told to stop. Requests are not logged: their addresses belong to people."""
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        ws="none",
        server_header=False,
        proxy_headers=False,
        log_level="warning",
    )
