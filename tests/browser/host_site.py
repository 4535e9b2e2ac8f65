"""A web site of another origin that embeds the widget: a policy of its own that forbids all it can, and a style sheet
that hides and disfigures whatever it reaches."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Without its root element a page shows nothing at all; everything else is hidden and disfigured.
HOSTILE = (
    "html { font-size: 40px !important; --accent: lime; --text: lime } "
    ":root > *, body * { display: none !important; visibility: hidden !important; opacity: 0 !important; "
    "font-size: 40px !important; transform: scale(0) !important; position: static !important; color: lime !important; "
    "width: 0 !important; pointer-events: none !important; z-index: -1 !important } "
    "iframe, button, div { all: unset !important; display: none !important }"
)


@dataclass
class HostSite:
    """The site's address, and what its pages hold besides the script tag."""

    url: str
    gateway: str
    has_widget: bool = True
    attributes: str = ""
    style: str = ""
    body: str = "<h1>Residenza Aurora</h1>"
    scripts: dict[str, str] = field(default_factory=dict)

    @property
    def policy(self) -> str:
        """As strict as a page that embeds the widget can be: no styles, no images, no connections."""
        styles = "'self'" if self.style else "'none'"
        return (
            f"default-src 'none'; script-src 'self' {self.gateway}; frame-src {self.gateway}; style-src {styles}; "
            "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
        )

    def page(self) -> str:
        """The page."""
        style = '<link rel="stylesheet" href="/style.css">' if self.style else ""
        tag = f'<script src="{self.gateway}/widget.js" data-language="it" {self.attributes}></script>'
        scripts = "".join(f'<script src="{path}" defer></script>' for path in self.scripts)
        return (
            f'<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Residenza Aurora</title>'
            f"{style}{scripts}"
            f'<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>{self.body}</main>'
            f"{tag if self.has_widget else ''}</body></html>"
        )


@contextmanager
def host_site(gateway: str) -> Iterator[HostSite]:
    """The site, served at `localhost` on a port of its own: another site than the gateway's 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/style.css":
                self._send(site.style, "text/css")
            elif self.path in site.scripts:
                self._send(site.scripts[self.path], "text/javascript")
            else:
                self._send(site.page(), "text/html")

        def _send(self, text: str, media_type: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{media_type}; charset=utf-8")
            self.send_header("Content-Security-Policy", site.policy)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = HostSite(f"http://localhost:{server.server_port}", gateway)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
