"""The tiers of proof: what each may be told (`tiers.yml`), asked by everything that speaks."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ANONYMOUS = "anonymous"
_ANY = "any"


class TierMissing(Exception):
    """Something was about to be said that the proofs in this conversation do not allow: a fault of ours."""


@dataclass(frozen=True)
class Tiers:
    """The catalogue of what needs which proof."""

    grants: Mapping[str, frozenset[str]]
    facts: Mapping[str, str]
    findings: Mapping[str, Mapping[Any, str]]

    def allows(self, tier: str | None, needed: str) -> bool:
        """Whether a conversation of one tier may be told what needs another; an unheard-of tier allows nothing."""
        return needed == ANONYMOUS or needed in self.grants.get(tier or ANONYMOUS, frozenset())

    def needed_for(self, slot: str, value: Any) -> str:
        """The tier that a slot's value needs before it may be filled in."""
        if value is None:
            return ANONYMOUS
        if slot in self.facts:
            return self.facts[slot]
        needed = self.findings.get(slot, {})
        if _ANY in needed:
            return needed[_ANY]
        return needed.get(value, ANONYMOUS) if isinstance(value, (str, bool)) else ANONYMOUS


@functools.lru_cache(maxsize=1)
def tiers() -> Tiers:
    """The catalogue, read once."""
    content = yaml.safe_load(Path(__file__).with_name("tiers.yml").read_text(encoding="utf-8"))
    grants = {tier: frozenset(granted) for tier, granted in content["grants"].items()}
    return Tiers(grants, content["facts"], content["findings"])
