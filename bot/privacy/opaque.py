"""Names that a client chooses for its messages, kept so that nothing can be read in them."""

from __future__ import annotations

import hashlib
import hmac
import re

# What a random generator makes: it means nothing, and its client finds it again in the history.
_RANDOM = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def opaque_id(chosen: str, key: bytes) -> str:
    """The name itself if it is 128 random bits (a UUID), else its keyed hash: it could be an address as well."""
    if _RANDOM.fullmatch(chosen):
        return chosen
    return hmac.new(key, chosen.encode(), hashlib.sha256).hexdigest()
