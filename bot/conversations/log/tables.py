"""The tables of the log. They refer to a conversation by its id alone: figures outlive texts and sessions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from bot.cases import CHANNELS
from bot.conversations.log.outcomes import OUTCOMES
from bot.conversations.tables import metadata
from bot.moments import Moment

SIDES = ("person", "support", "bot")
LABELS = ("intent", "finding")


def _one_of(column: str, names: Sequence[str]) -> CheckConstraint:
    return CheckConstraint(f"{column} in ({', '.join(map(repr, names))})", name=column)


def _of_conversation(**options: bool) -> Column[str]:
    reference = ForeignKey("logged_conversation.id", ondelete="CASCADE")
    return Column("conversation_id", String(32), reference, nullable=False, **options)


logged_conversation = Table(
    "logged_conversation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("language", String(8), nullable=False),
    Column("tier", String(16), nullable=False),  # the highest that was reached
    Column("company", String(64)),
    Column("person", String(64)),  # an account's id or a client's keyed hash: who came back
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),  # its latest turn
    Column("turns", Integer, nullable=False),  # messages of the person
    Column("intent", String(64)),  # the first case that the person brought up
    Column("lowest_confidence", Float),
    Column("unsure_turns", Integer, nullable=False),
    Column("has_answer", Boolean, nullable=False, server_default=false()),  # a finding or the answer of a case was told
    Column("handed_off", Boolean, nullable=False, server_default=false()),
    Column("thumb", String(4)),
    Column("outcome", String(16), nullable=False),
    Column("is_settled", Boolean, nullable=False, server_default=false()),  # the outcome will not change by itself
    Column("has_texts", Boolean, nullable=False),  # false once retention or an erasure has taken them
    _one_of("channel", CHANNELS),
    _one_of("outcome", OUTCOMES),
    CheckConstraint("thumb in ('up', 'down')", name="thumb"),
    Index("ix_logged_conversation_started_at", "started_at", "id"),
    Index("ix_logged_conversation_channel_started_at", "channel", "started_at", "id"),
    Index("ix_logged_conversation_outcome_started_at", "outcome", "started_at", "id"),
    Index("ix_logged_conversation_thumb_started_at", "thumb", "started_at", "id"),
    Index("ix_logged_conversation_handed_off_started_at", "handed_off", "started_at", "id"),
    Index("ix_logged_conversation_unsure_turns_started_at", "unsure_turns", "started_at", "id"),
    Index("ix_logged_conversation_lowest_confidence", "lowest_confidence"),
    Index("ix_logged_conversation_person_started_at", "person", "started_at"),
    Index("ix_logged_conversation_is_settled_ended_at", "is_settled", "ended_at"),
    Index("ix_logged_conversation_has_texts_ended_at", "has_texts", "ended_at"),
)

# What was said in one go: a message with all that answered it, a message of the support team, or the bot's opening.
turn = Table(
    "turn",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_conversation(),
    Column("number", Integer, nullable=False),  # 0 is the opening
    Column("side", String(8), nullable=False),  # who began it
    Column("at", Moment, nullable=False),
    Column("text", Text),  # references only; none in an opening and where texts are no longer kept
    Column("answers", JSON(none_as_null=True)),  # the bot's bubbles: text, buttons, image, custom
    Column("support_user", String(64)),
    Column("intent", String(64)),
    Column("confidence", Float),
    Column("is_unsure", Boolean, nullable=False, server_default=false()),  # the bot did not act on what it understood
    Column("ranking", JSON(none_as_null=True)),  # [{"name", "confidence"}], likeliest first
    Column("actions", JSON, nullable=False),  # names, in order
    Column("slots", JSON(none_as_null=True)),  # what was set: {name: value}
    Column("findings", JSON, nullable=False),  # names
    Column("milliseconds", Float),
    _one_of("side", SIDES),
    UniqueConstraint("conversation_id", "number"),
    Index("ix_turn_at", "at", "id"),
    Index("ix_turn_intent_at", "intent", "at"),
    Index("ix_turn_is_unsure_at", "is_unsure", "at"),
)

# The intents and findings of a conversation, each once: what it can be filtered by.
conversation_label = Table(
    "conversation_label",
    metadata,
    _of_conversation(primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("started_at", Moment, nullable=False),  # the conversation's
    _one_of("kind", LABELS),
    Index("ix_conversation_label_kind_name_started_at", "kind", "name", "started_at", "conversation_id"),
)

# What support made of a turn: the intent that it should have had, or nothing to be learnt from it. Turns are named by
# conversation and number, so that a rebuilt log keeps its reviews.
review = Table(
    "review",
    metadata,
    Column("conversation_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("intent", String(64)),  # the right one; none if dismissed
    Column("user_name", String(64), nullable=False),
    Column("accepted_by", String(64)),
    Column("at", Moment, nullable=False),
    CheckConstraint("state in ('proposed', 'accepted', 'dismissed')", name="state"),
    CheckConstraint("(intent is null) = (state = 'dismissed')", name="intent"),
    Index("ix_review_state_at", "state", "at"),
)

# Turns that wait for a review, those alike in one cluster; the keeper process writes them anew.
review_item = Table(
    "review_item",
    metadata,
    Column("conversation_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("cluster", Integer, nullable=False),  # 0 is the largest
    Column("place", Integer, nullable=False),  # within the cluster, newest first
    Index("ix_review_item_cluster_place", "cluster", "place"),
)

# What was deleted, when, by whom and why: it outlives the conversation.
deletion = Table(
    "deletion",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", String(32)),  # none where a rule deleted many
    Column("kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("reason", Text),
    Column("counts", JSON, nullable=False),  # {table or "texts": rows}
    Column("at", Moment, nullable=False),
    CheckConstraint("kind in ('erase', 'texts', 'figures')", name="kind"),
    Index("ix_deletion_at", "at"),
)

# Counts of a day in the portal's time zone, so that a year is read in the time of a week. Counted anew while a day's
# conversations can still change (`bot.conversations.log.figures`).
daily_figure = Table(
    "daily_figure",
    metadata,
    Column("day", Date, primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
)
