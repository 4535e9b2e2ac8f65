"""Errors as problem documents (RFC 9457). They never repeat what was sent."""

from __future__ import annotations

import http
import logging
import uuid
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

RETRY_SOON = {"Retry-After": "5"}


class Problem(Exception):
    """An answer that is an error: an HTTP status, a sentence that says what to do, and members of its own."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **members: object) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members


def problem_response(problem: Problem) -> Response:
    """The problem document of an error."""
    return JSONResponse(
        {
            "type": "about:blank",
            "title": http.HTTPStatus(problem.status).phrase,
            "status": problem.status,
            "detail": problem.detail,
            **problem.members,
        },
        status_code=problem.status,
        headers=problem.headers,
        media_type="application/problem+json",
    )


async def on_problem(_request: Request, error: Exception) -> Response:
    """Answer a `Problem`."""
    if not isinstance(error, Problem):
        raise TypeError("not a problem") from error
    return problem_response(error)


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: an unknown path, a wrong method."""
    if not isinstance(error, HTTPException):
        raise TypeError("not an HTTP exception") from error
    details = {404: "There is nothing at this address.", 405: "This address does not take this method."}
    detail = details.get(error.status_code, "The request cannot be answered.")
    return problem_response(Problem(error.status_code, detail, error.headers))


async def on_database_trouble(_request: Request, error: Exception) -> Response:
    """Answer while a database cannot; the log gets the exception's type."""
    logger.error("A database did not answer: %s", type(error).__name__)
    detail = "The service cannot reach its records right now. Try again in a moment."
    return problem_response(Problem(503, detail, RETRY_SOON))


class LastResort:
    """Answers anything unexpected with an error id; the log gets the id and the exception's type."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; whatever it raises ends here."""
        has_begun = False

        async def watched_send(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception as error:  # an entry point: nothing may pass it
            error_id = uuid.uuid4().hex[:12]
            logger.error("Request failed: error %s, %s", error_id, type(error).__name__)
            if scope["type"] == "http" and not has_begun:
                detail = f"Something went wrong on our side (error {error_id}). Try again."
                await problem_response(Problem(500, detail))(scope, receive, send)
