"""What can be told of a mail address from its letters alone, and how two addresses differ."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from email_validator import EmailNotValidError, validate_email
from rapidfuzz.distance import OSA

from actions.mail_domains import GOOGLE
from actions.mail_slips import bare_domain, likely_domain, without_at

SpellingStatus = Literal["ok", "invalid", "typo", "google_twin"]
Comparison = Literal["match", "twin_mismatch", "near_miss", "different"]

_LONGEST = 320  # characters of an address, by RFC 3696 (erratum 1690 counts 254 for one that can be delivered to)
_NEAR = 2  # edits between two addresses that are called near
_ONE_EDIT = range(4, 8)  # length of a local part in which only one edit is near

_BLANKS = re.compile(r"\s+")
_DOTS = re.compile(r"\.{2,}")
_ATS = re.compile(r"@{2,}")
_AT = re.compile(r"\s*[(\[{]\s*(?:at|et|chiocciola|@)\s*[)\]}]\s*|\s+chiocciol(?:a|ina)\s+", re.IGNORECASE)
_DOT = re.compile(r"\s*[(\[{]\s*(?:dot|punto)\s*[)\]}]\s*|\s+punto\s+", re.IGNORECASE)


@dataclass(frozen=True)
class EmailCheck:
    """The finding for an address as typed.

    `suggestion` is set for a typo; `twin`, the mailbox under Google's other domain, for a Google address.
    `address` is the typed one in normal form, None if it is no address as it stands.
    """

    status: SpellingStatus
    suggestion: str | None = None
    twin: str | None = None
    address: str | None = None


def check_spelling(typed: str) -> EmailCheck:
    """Judge an address by email-validator's syntax rules and by slips in the domains that people use."""
    if len(typed) > _LONGEST:
        return EmailCheck("invalid")
    address = unicodedata.normalize("NFKC", typed).strip().strip("<>").removeprefix("mailto:")
    valid = _valid(address)
    repaired = valid or _valid(_repaired(address))
    if repaired is None:
        return EmailCheck("invalid")
    suggestion = _with_known_domain(repaired)
    if suggestion != valid:
        return EmailCheck("typo", suggestion=suggestion, address=valid)
    if (twin := google_twin(valid)) is not None:
        return EmailCheck("google_twin", twin=twin, address=valid)
    return EmailCheck("ok", address=valid)


def compare(typed: str, login: str) -> Comparison:
    """How a typed address differs from the one on file.

    Letter case does not count, in the local part either: the standard allows a mailbox for each case, but no
    provider and no portal has them. Everything else does: to the portal gmail.com and googlemail.com are two
    logins.

    `near_miss` must not lead a guesser on: it is at most two edits in all, one if the local part has four to
    seven characters, and one in the domain alone if it is shorter. Whoever gets it knew the rest already.
    """
    one, other = _comparable(typed), _comparable(login)
    if one == other:
        return "match"
    twin = google_twin(one)
    if twin == other:
        return "twin_mismatch"
    return "near_miss" if any(_is_near(spelling, other) for spelling in (one, twin) if spelling) else "different"


def google_twin(address: str) -> str | None:
    """The same mailbox under gmail.com or googlemail.com, whichever was not typed; None for others."""
    local, _, domain = address.rpartition("@")
    if domain.lower() not in GOOGLE:
        return None
    return f"{local}@{GOOGLE[1 - GOOGLE.index(domain.lower())]}"


def mailbox_of(address: str) -> str:
    """One spelling for all that reach the same mailbox: letter case aside, Google's two domains are one."""
    lower = address.lower()
    return min(filter(None, (lower, google_twin(lower))))


def _is_near(one: str, other: str) -> bool:
    shortest = min(len(one.partition("@")[0]), len(other.partition("@")[0]))
    if shortest < _ONE_EDIT.start:
        return one.partition("@")[0] == other.partition("@")[0] and OSA.distance(one, other) <= 1
    allowed = 1 if shortest in _ONE_EDIT else _NEAR
    return OSA.distance(one, other, score_cutoff=allowed) <= allowed


def _valid(address: str) -> str | None:
    """The address in normal form (RFC 5321 syntax, IDNA 2008 domain), or None."""
    try:
        return validate_email(address, check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        return None


def _comparable(address: str) -> str:
    stripped = unicodedata.normalize("NFKC", address).strip()
    return (_valid(stripped) or stripped).lower()


def _repaired(address: str) -> str:
    """Undo what fingers do: blanks, commas for dots, doubled dots, an at sign in words or left out."""
    address = _BLANKS.sub("", _DOT.sub(".", _AT.sub("@", address))).translate(str.maketrans(",;:", "..."))
    address = _ATS.sub("@", _DOTS.sub(".", address)).strip(".")
    if "@" not in address:
        return without_at(address) or address
    local, _, domain = address.rpartition("@")
    domain = domain.strip(".-").rstrip("!?)>")
    if "." not in domain:
        domain = bare_domain(domain.lower()) or domain
    return f"{local.strip('.')}@{domain}"


def _with_known_domain(address: str) -> str:
    """The address with a slip in its domain put right, or as it is."""
    local, _, domain = address.rpartition("@")
    if local.lower().startswith("www."):
        local = local[len("www.") :]
    return f"{local}@{likely_domain(domain.lower()) or domain}"
