"""A supporter at the console, by way of its pages."""

from __future__ import annotations

import contextlib
import re
import subprocess
from html import unescape

import httpx

from tests.service import Chat, Service

PASSWORD = "un cavallo tra le nuvole"


class Supporter:
    """A signed-in user of the console."""

    def __init__(self, service: Service, name: str, *roles: str) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):  # another test has made them
            chosen = [part for role in roles or ("support",) for part in ("--role", role)]
            service.portiere("users", "add", name, *chosen, "--password", PASSWORD)
        self.name = name
        self.http = httpx.Client(base_url=service.url, timeout=30, trust_env=False, follow_redirects=True)
        answer = self.http.post("/console/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == httpx.codes.OK, answer.text
        self._csrf = str(re.findall(r'name="csrf" value="([^"]+)"', answer.text)[0])

    def read(self, path: str) -> str:
        """The text of a page."""
        answer = self.http.get(path)
        assert answer.status_code == httpx.codes.OK, answer.text
        return unescape(answer.text)

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form."""
        return self.http.post(path, data={"csrf": self._csrf, **fields})

    def do(self, number: str, step: str, **fields: str) -> str:
        """Do something with a case; the page that comes then."""
        answer = self.post(f"/console/handoffs/{number}/{step}", **fields)
        assert answer.status_code == httpx.codes.OK, answer.text
        return unescape(answer.text)


def case_of(supporter: Supporter, chat: Chat) -> str:
    """The number of the unclosed case of a conversation, as its transcript names it."""
    found = re.search(
        r"Vai al caso (P-\d{6})", supporter.read(f"/console/conversations/{chat.session['conversation_id']}")
    )
    assert found, "there is no case"
    return found.group(1)
