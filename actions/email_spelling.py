"""What can be told of a mail address from its letters alone, and how two addresses differ."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

from email_validator import EmailNotValidError, validate_email
from rapidfuzz.distance import OSA

from actions.mail_domains import ENDING_SLIPS, GOOGLE, INTERNATIONAL, PROVIDERS, REAL_NEIGHBOURS

SpellingStatus = Literal["ok", "invalid", "typo", "google_twin"]
Comparison = Literal["match", "twin_mismatch", "near_miss", "different"]

_LONG_NAME = 7  # from this many letters on, two slips in a provider's name are still told from another name
_SHORT_NAME = 4  # below it, any other name is as likely meant
_NEAR = 2  # edits; more would let somebody find an address by guessing
_SHORT_ADDRESS = 12  # characters, below which one edit is the limit

_BLANKS = re.compile(r"\s+")
_DOTS = re.compile(r"\.{2,}")
_AT = re.compile(r"\s*[(\[{]\s*(?:at|chiocciola)\s*[)\]}]\s*", re.IGNORECASE)


@dataclass(frozen=True)
class EmailCheck:
    """The finding for an address as typed. ``twin`` is the same mailbox under Google's other domain."""

    status: SpellingStatus
    suggestion: str | None = None
    twin: str | None = None


def check_spelling(typed: str) -> EmailCheck:
    """Judge an address by email-validator's syntax rules and by slips in the domains that people use."""
    address = typed.strip().strip("<>").removeprefix("mailto:")
    valid = _valid(address)
    if valid is None:
        repaired = _valid(_repair(address))
        if repaired is None:
            return EmailCheck("invalid")
        return EmailCheck("typo", _with_known_domain(repaired) or repaired)
    if (suggestion := _with_known_domain(valid)) is not None:
        return EmailCheck("typo", suggestion)
    if (twin := google_twin(valid)) is not None:
        return EmailCheck("google_twin", twin=twin)
    return EmailCheck("ok")


def compare(typed: str, login: str) -> Comparison:
    """How a typed address differs from the one on file.

    Letter case does not count: no provider tells addresses apart by it. `near_miss` is at most two edits (one in a
    short address), so that it cannot be used to find an address by getting warmer.
    """
    one, other = _comparable(typed), _comparable(login)
    if one == other:
        return "match"
    if google_twin(one) == other:
        return "twin_mismatch"
    allowed = _NEAR if min(len(one), len(other)) >= _SHORT_ADDRESS else 1
    return "near_miss" if OSA.distance(one, other, score_cutoff=allowed) <= allowed else "different"


def google_twin(address: str) -> str | None:
    """The same mailbox under gmail.com or googlemail.com, whichever was not typed; None for other providers."""
    local, _, domain = address.rpartition("@")
    if domain.lower() not in GOOGLE:
        return None
    other = GOOGLE[1 - GOOGLE.index(domain.lower())]
    return f"{local}@{other}"


def _valid(address: str) -> str | None:
    """The address in normal form (RFC 5321 syntax, IDNA 2008 domain), or None."""
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _comparable(address: str) -> str:
    return (_valid(address.strip()) or address.strip()).lower()


def _repair(address: str) -> str:
    """Undo what fingers do: blanks, commas for dots, doubled dots, an at sign in brackets or left out."""
    address = _BLANKS.sub("", _AT.sub("@", address)).replace(",", ".").replace(";", ".")
    address = _DOTS.sub(".", address).strip(".")
    while "@@" in address:
        address = address.replace("@@", "@")
    if "@" not in address:
        for domain in _domains_by_length():
            local = address.removesuffix(domain)
            if local != address and local:
                return f"{local.rstrip('.')}@{domain}"
        return address
    local, _, domain = address.rpartition("@")
    domain = domain.strip(".")
    if "." not in domain:
        domain = _domain_of_bare(domain.lower())
    return f"{local.strip('.')}@{domain}"


def _domain_of_bare(name: str) -> str:
    """The provider's domain for a name without an ending or without its dot: Italian first, then international."""
    meant = [known for known in PROVIDERS if name in (known.rpartition(".")[0], known.replace(".", ""))]
    endings = {"it": 0, "com": 1}
    return min(meant, key=lambda known: (endings.get(known.rpartition(".")[2], 2), known), default=name)


@functools.lru_cache(maxsize=1)
def _domains_by_length() -> tuple[str, ...]:
    return tuple(sorted(PROVIDERS, key=len, reverse=True))


def _with_known_domain(address: str) -> str | None:
    """The address with its domain corrected, or None if the domain looks right."""
    local, _, domain = address.rpartition("@")
    meant = likely_domain(domain.lower())
    return f"{local}@{meant}" if meant else None


@functools.lru_cache(maxsize=4096)
def likely_domain(domain: str) -> str | None:
    """The domain that was probably meant, or None if this one may well be real."""
    if domain in PROVIDERS or domain in REAL_NEIGHBOURS:
        return None
    name, _, ending = domain.rpartition(".")
    if not name:
        return None
    if ending in ENDING_SLIPS:
        mended = f"{name}.{ENDING_SLIPS[ending]}"
        return likely_domain(mended) or mended
    if name in INTERNATIONAL and len(ending) == 2:  # noqa: PLR2004 - a country code
        return None
    same_name = [known for known in PROVIDERS if known.rpartition(".")[0] == name]
    if same_name and len(name) > _SHORT_NAME:
        return min(same_name, key=lambda known: (OSA.distance(known, domain), known))
    return _nearest(domain, name, ending)


def _nearest(domain: str, name: str, ending: str) -> str | None:
    def distance(known: str) -> tuple[int, bool]:
        return OSA.distance(domain, known), known not in GOOGLE

    candidates = [known for known in PROVIDERS if _may_be_meant(known.rpartition(".")[0], name)]
    if not candidates:
        return None
    best = min(candidates, key=distance)
    best_name, _, best_ending = best.rpartition(".")
    allowed = 2 if len(best_name) >= _LONG_NAME else 1
    if ending != best_ending and OSA.distance(ending, best_ending) > 1:
        return None
    return best if OSA.distance(domain, best) <= allowed else None


def _may_be_meant(known: str, typed: str) -> bool:
    """Short names are too close to other words, and a slip seldom changes a name's first letter."""
    if len(known) <= _SHORT_NAME or abs(len(known) - len(typed)) > _NEAR:
        return False
    return typed[0] == known[0] or typed[:2] == known[1::-1] or typed == known[1:]
