"""The gateway process."""

from __future__ import annotations

import sys

import uvicorn

from bot.gateway.app import create_app
from bot.gateway.tokens import UnusableKey
from bot.settings import Settings
from bot.web.embedding import UnusableOrigin


def serve(settings: Settings) -> None:
    """Run the gateway until it is told to stop. Requests are not logged: their addresses belong to people."""
    try:
        app = create_app(settings)
    except (UnusableKey, UnusableOrigin) as error:
        sys.exit(f"The gateway cannot start: {error}")
    uvicorn.run(
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
