"""Somebody with a browser at the console."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import httpx

PASSWORD = "una parola lunga"


@dataclass
class Visitor:
    http: httpx.AsyncClient

    async def sign_in(self, name: str, password: str = PASSWORD, further: str = "") -> httpx.Response:
        return await self.http.post("/console/sign-in", data={"name": name, "password": password, "next": further})

    async def open(self, path: str) -> str:
        """A page that must be there."""
        response = await self.http.get(path)
        assert response.status_code == 200, (path, response.status_code, response.text[:300])
        return response.text

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of our own page."""
        token = re.search(r'name="csrf" value="([^"]+)"', await self.open("/console/conversations"))
        assert token is not None
        return await self.http.post(path, data={"csrf": token.group(1), **fields})


def words_of(page: str) -> str:
    """What a reader sees of a page."""
    body = page[page.index("<main") :]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())
