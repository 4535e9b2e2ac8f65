"""Live takeover: a supporter speaks in a running conversation in the bot's place.

The case says who has the conversation, Rasa whether the bot is silent. Rasa comes first where the bot is to speak
again, so that a step that fails half-way leaves a case that somebody has, and may be done again. Steps may cross each
other, and Rasa may let one wait: whoever calls Rasa looks at the case afterwards, and brings Rasa in line with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from anyio import to_thread

from bot.conversations.handoffs import IN_CHAT, Case, Handoffs
from bot.conversations.store import LONGEST, Conversation, ConversationStore
from bot.gateway.problems import RETRY_SOON, Problem
from bot.gateway.rasa import RasaClient, RasaUnavailable
from bot.privacy.vault import Vault
from bot.settings import Settings

LONGEST_SAID = 2000


class NotYours(Exception):
    """Another supporter has the case, or nobody."""


class Ended(Exception):
    """The conversation has ended: what is said now reaches nobody."""


class Takeover:
    """What a supporter does with a case; ``user`` is the name that the person sees."""

    def __init__(
        self, settings: Settings, store: ConversationStore, handoffs: Handoffs, vault: Vault, rasa: RasaClient
    ) -> None:
        self._store = store
        self._handoffs = handoffs
        self._vault = vault
        self._rasa = rasa
        self._idle = timedelta(minutes=settings.conversation_minutes)

    async def take(self, number: str, user: str) -> Case:
        """Take a case and, if its conversation goes on, silence the bot. `NotYours` if somebody was quicker."""
        now = _now()
        taken = await to_thread.run_sync(self._handoffs.take, number, user, now)
        case = await self._own(number, user)
        if not case.is_live(now):
            return case
        try:
            await self._silence(case)
        except Problem:
            if taken:  # nobody has it, then: the bot still answers
                await to_thread.run_sync(self._handoffs.release, number, user)
            raise
        await self._in_line(case, is_silent=True)
        case = await self._own(number, user)
        await self._note(case, user, "taken")
        return case

    async def begin(self, conversation_id: str, user: str) -> Case:
        """Take a running conversation, whether or not it has a case. `Ended` if it does not go on."""
        now = _now()
        if conversation_id not in await to_thread.run_sync(self._handoffs.running, [conversation_id], now):
            raise Ended

        def opened() -> str:
            return self._handoffs.open(conversation_id, kind="support", reason="", contact=IN_CHAT, now=now)

        return await self.take(await to_thread.run_sync(opened), user)

    async def assign(self, number: str, user: str, to: str) -> None:
        """Pass one's case on to another supporter; the person is told who speaks now."""
        case = await self._own(number, user)
        if not await to_thread.run_sync(self._handoffs.assign, number, to, user):
            raise NotYours
        if case.is_live(_now()):
            await self._note(replace(case, taken_at=_now()), to, "taken")

    async def say(self, number: str, user: str, text: str, message_id: str) -> None:
        """Say something to the person; the same id is said once. `Ended` if nobody would read it."""
        case, now = await self._own(number, user), _now()
        if not case.is_live(now):
            raise Ended
        conversation = await self._conversation(case)
        masked = await to_thread.run_sync(self._vault.mask, case.conversation_id, text)
        await self._silence(case)  # once more: nothing if it is, and needed if the last time failed half-way
        try:
            await self._rasa.say(conversation, user, masked, message_id)
        except RasaUnavailable as error:
            raise _unreachable() from error

        def keep() -> None:
            self._handoffs.say(case.conversation_id, user, masked, message_id, now)
            until = min(now + self._idle, case.began_at + LONGEST)
            self._handoffs.keep_open(case.conversation_id, now, until)

        await to_thread.run_sync(keep)
        await self._in_line(case, is_silent=True)

    async def give_back(self, number: str, user: str) -> None:
        """Let the bot answer again and close the case."""
        case = await self._own(number, user)
        await self._resume(case, user)
        await to_thread.run_sync(self._handoffs.close, number, _now(), user)
        await self._in_line(case, is_silent=False)

    async def put_back(self, number: str, user: str) -> None:
        """Let the bot answer again and put the case back into the queue."""
        case = await self._own(number, user)
        await self._resume(case, user)
        await to_thread.run_sync(self._handoffs.release, number, user)
        await self._in_line(case, is_silent=False)

    async def note(self, case: Case, user: str, text: str) -> bool:
        """Keep a note for the other supporters, personal values in it as references; false if texts are deleted."""

        def keep() -> bool:
            masked = self._vault.mask(case.conversation_id, text)
            return self._handoffs.add_note(case, user, masked, _now())

        return await to_thread.run_sync(keep)

    def talk(self, case: Case) -> Sequence[dict[str, Any]]:
        """What was said so far, with references in place of values."""
        return self._store.history(case.conversation_id, _now())

    async def _resume(self, case: Case, user: str | None) -> None:
        conversation = await self._conversation(case)
        try:
            back = await self._rasa.give_back(conversation)
        except RasaUnavailable as error:
            if not case.is_live(_now()):  # its texts may be gone; nobody writes in it any more
                return
            raise _unreachable() from error
        if user is not None:
            await self._note(case, user, "given_back")
        if back:
            await to_thread.run_sync(self._store.finish_turn, case.conversation_id, None, back, _now())

    async def _in_line(self, case: Case, *, is_silent: bool) -> None:
        """Silence the bot if somebody has the conversation by now, let it answer if nobody has."""
        while (is_taken := await to_thread.run_sync(self._handoffs.is_taken, case.conversation_id)) != is_silent:
            if not case.is_live(_now()):
                return
            await (self._silence(case) if is_taken else self._resume(case, None))
            is_silent = is_taken

    async def _silence(self, case: Case) -> None:
        conversation = await self._conversation(case)
        try:
            await self._rasa.take_over(conversation)
        except RasaUnavailable as error:
            raise _unreachable() from error

    async def _own(self, number: str, user: str) -> Case:
        case = await to_thread.run_sync(self._handoffs.case, number)
        if case is None or case.state != "taken" or case.taken_by != user:
            raise NotYours
        return case

    async def _conversation(self, case: Case) -> Conversation:
        conversation = await to_thread.run_sync(self._store.conversation, case.conversation_id)
        if conversation is None:
            raise Ended
        return conversation

    async def _note(self, case: Case, user: str, change: str) -> None:
        """Say in the conversation itself what has become of it: it is there after a reload, too."""
        at = case.taken_at.timestamp() if case.taken_at else 0
        who = hashlib.sha256(user.encode()).hexdigest()[:8]
        ident = f"{case.number}.{change}.{at:.3f}.{who}"
        await to_thread.run_sync(self._handoffs.say, case.conversation_id, user, "", ident, _now(), change)


def _unreachable() -> Problem:
    return Problem(503, "The assistant is not reachable right now. Try again in a moment.", RETRY_SOON)


def _now() -> datetime:
    return datetime.now(timezone.utc)
