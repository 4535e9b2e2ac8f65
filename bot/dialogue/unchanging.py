"""What Rasa works out anew for every message or event though it never changes, worked out once."""

from __future__ import annotations

import rasa.shared.utils.common
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event


def work_out_once() -> None:
    """Spare each message an empty domain to compare ours with, and each event of an action a walk of all classes."""
    nothing = Domain.empty().as_dict()
    classes = {kind.type_name: kind for kind in reversed(rasa.shared.utils.common.all_subclasses(Event))}
    look_through = Event.resolve_by_type

    def resolve_by_type(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
        return classes.get(type_name) or look_through(type_name, default)

    Domain.is_empty = lambda domain: domain.as_dict() == nothing
    Event.resolve_by_type = staticmethod(resolve_by_type)
