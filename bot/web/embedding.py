"""Which sites may show the widget."""

from __future__ import annotations

import re

from bot.settings import Settings

# A host source of CSP 3 (section 2.3.1) without a path; a star stands only for a subdomain or a port.
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:(\d{1,5}|\*))?", re.IGNORECASE)
_DEMO_ORIGINS = ("http://localhost:*", "http://127.0.0.1:*")


class UnusableOrigin(Exception):
    """The setting names something that is no origin; the text says what."""


def embedding_sites(settings: Settings) -> list[str]:
    """The sources that may frame the widget; our own pages always may. `UnusableOrigin` for what is none."""
    named = re.split(r"[\s,]+", settings.embedded_by.strip()) if settings.embedded_by.strip() else []
    for origin in named:
        if not _ORIGIN.fullmatch(origin):
            example = "https://portal.example.com"
            raise UnusableOrigin(f"PORTIERE_EMBEDDED_BY lists origins such as {example}; this is none: {origin!r}.")
    return ["'self'", *named, *(_DEMO_ORIGINS if settings.demo else ())]


def frame_policy(settings: Settings) -> str:
    """The Content Security Policy of the widget's frame."""
    sites = " ".join(embedding_sites(settings))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {sites}"
    )
