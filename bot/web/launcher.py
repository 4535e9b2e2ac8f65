"""The launcher `/widget.js`: one text for all pages that embed it, packed once."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_PLACE_OF_TEXTS = "/* texts */ {}"
_HEADERS = {
    # Visitors ask for it on every page; ten minutes are how long an old one may stay after an upgrade.
    "Cache-Control": "public, max-age=600",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Vary": "Accept-Encoding",
}


def launcher_route(source: str, texts: Mapping[str, Mapping[str, str]]) -> Route:
    """The launcher with its words in every language; ``texts`` are those words by language."""
    if _PLACE_OF_TEXTS not in source:
        raise ValueError("the launcher has no place for its texts")
    plain = source.replace(_PLACE_OF_TEXTS, json.dumps(texts, ensure_ascii=False)).encode()
    packed = gzip.compress(plain, mtime=0)
    tag = f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"'

    async def show(request: Request) -> Response:
        headers = {**_HEADERS, "ETag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, headers={**headers, "Content-Encoding": "gzip"}, media_type="text/javascript")
        return Response(plain, headers=headers, media_type="text/javascript")

    return Route("/widget.js", show)
