"""The folder of mails that are not sent: one folder a conversation, so that they go when its texts go."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from bot.conversations.log.tables import logged_conversation
from bot.conversations.tables import conversation
from bot.settings import Settings

_AT_ONCE = 500


class Folder:
    """Mails as files that their owner alone can read, named by the nanosecond of their sending."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, message: EmailMessage, conversation_id: str) -> None:
        """Write one mail of a conversation, whole or not at all; `OSError` if it cannot be."""
        own = self._folder / conversation_id
        for folder in (self._folder, own):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = own / f"{time.time_ns()}.part"
        draft.touch(mode=0o600)
        draft.write_bytes(message.as_bytes())
        draft.rename(draft.with_suffix(".eml"))

    def newest(self, most: int) -> Sequence[Path]:
        """The files of the newest mails, newest first."""
        paths = (path for path in self._folder.glob("*/*.eml") if path.stem.isdigit())
        return sorted(paths, key=lambda path: -int(path.stem))[:most]

    def sweep(self, engine: Engine) -> int:
        """Delete the mails of conversations that are erased or whose texts are deleted; how many conversations."""
        for path in self._folder.glob("*.eml"):  # of no conversation: written by an earlier version
            path.unlink(missing_ok=True)
        ids = [path.name for path in self._folder.glob("*") if path.is_dir()]
        gone = set(ids) - set(_with_texts(engine, ids))
        for conversation_id in gone:
            shutil.rmtree(self._folder / conversation_id)
        return len(gone)


def mailbox(settings: Settings) -> Folder:
    """Where mails lie without an SMTP server."""
    return Folder(settings.home / "mailbox")


def _with_texts(engine: Engine, ids: Sequence[str]) -> Iterator[str]:
    is_kept = func.coalesce(logged_conversation.c.has_texts, True)  # one that is not in the log yet has its texts
    known = select(conversation.c.id).outerjoin(logged_conversation, logged_conversation.c.id == conversation.c.id)
    with engine.connect() as connection:
        for first in range(0, len(ids), _AT_ONCE):
            some = ids[first : first + _AT_ONCE]
            yield from connection.scalars(known.where(conversation.c.id.in_(some), is_kept))
