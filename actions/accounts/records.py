"""What actions see of the account store: plain records, no database in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from actions.invite_codes import normalize_code

Hindrance = Literal["used", "revoked"]


@dataclass(frozen=True)
class Administrator:
    """A company's colleague as the store knows them."""

    id: str
    name: str
    company: str
    company_name: str


@dataclass(frozen=True)
class Company:
    """A management company. ``slug`` is its name in tokens and files."""

    slug: str
    name: str
    phone: str
    email: str


@dataclass(frozen=True)
class Contact:
    """A customer as the company keeps them. ``email`` is the contact address, not the login."""

    id: str
    company: str
    name: str
    email: str | None


@dataclass(frozen=True)
class Account:
    """A login to the portal, one for all properties. ``login`` is compared exactly as it was registered."""

    id: str
    login: str
    locked_at: datetime | None


@dataclass(frozen=True)
class Contract:
    """What ties a contact to a unit. Its first and last day belong to it; no last day means open-ended."""

    id: str
    company: str
    contact_id: str
    role: str
    unit_name: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Invite:
    """An invitation to register. ``code`` is normalised; ``used_by`` is the account that it was used with."""

    id: str
    company: str
    contact_id: str
    contract_id: str | None
    code: str
    unit_name: str | None
    sent_by_name: str | None
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_by: str | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class CustomerRecord:
    """Everything on file about one contact."""

    contact: Contact
    account: Account | None
    contracts: Sequence[Contract]
    invites: Sequence[Invite]


@dataclass(frozen=True)
class Reactivation:
    """What became of an invite that was to be reactivated: its expiry, and what kept it from being changed.

    One that is valid already, since a colleague was faster, say, is as good as reactivated.
    """

    invite_id: str
    expires_at: datetime
    hindrance: Hindrance | None = None


@dataclass(frozen=True)
class Confirmation:
    """Who has new expiries set, for which company, where they said so, and until when."""

    company: str
    administrator: str
    conversation: str
    now: datetime
    expires_at: datetime


@dataclass(frozen=True)
class ContactQuery:
    """What is known of a contact looked for: free words (a name, a unit), an address, a code as typed."""

    text: str = ""
    email: str | None = None
    code: str | None = None

    @property
    def normal_code(self) -> str | None:
        """The code in its stored form."""
        return normalize_code(self.code) if self.code else None


@dataclass(frozen=True)
class FoundContact:
    """A contact that a query may mean, with the units that tell namesakes apart."""

    contact: Contact
    unit_names: Sequence[str]


@dataclass(frozen=True)
class ContactSearch:
    """What a search for a contact came to.

    ``is_near`` says that the contacts are guesses only; ``has_more`` that others fit equally well;
    ``names_somebody`` that the query said whom it means, found or not.
    """

    contacts: Sequence[FoundContact]
    is_near: bool
    has_more: bool
    names_somebody: bool


@dataclass(frozen=True)
class Property:
    """A building that a company manages."""

    id: str
    address: str


@dataclass(frozen=True)
class NamedPlace:
    """The properties that one address in a sentence means. ``units`` as said: `4`, `b`; none for the whole building."""

    properties: Sequence[Property]
    units: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PropertySearch:
    """The places that a sentence names; if one of them is not on file, none but the nearest to it.

    Where no unit of the named property fits, that property is the nearest, and ``nearest_units`` are its labels.
    """

    is_named: bool
    places: Sequence[NamedPlace] = ()
    nearest: Sequence[Property] = ()
    nearest_units: Sequence[str] = ()

    @property
    def properties(self) -> Sequence[Property]:
        """The properties of all places, each once."""
        return list(dict.fromkeys(found for place in self.places for found in place.properties))


@dataclass(frozen=True)
class Tenancy:
    """A contact in a unit: one row of what staff see of a property.

    ``contract`` is None for a contact that is tied to no unit; ``invite`` is the one that counts, if there is any.
    """

    contact: Contact
    has_account: bool
    contract: Contract | None
    invite: Invite | None


@dataclass(frozen=True)
class TenancyList:
    """The first rows of a list, and how many there are in all."""

    rows: Sequence[Tenancy]
    total: int
