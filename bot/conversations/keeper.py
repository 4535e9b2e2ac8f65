"""The keeper process: what must happen to the log by time alone, apart from every conversation."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations.log.figures import refresh as refresh_figures
from bot.conversations.log.rebuild import log_missing
from bot.conversations.log.retention import drop_stragglers, months_before, purge_figures, purge_texts
from bot.conversations.log.settling import settle
from bot.database import open_engine
from bot.mail.folder import mailbox
from bot.privacy.vault import Vault
from bot.settings import Settings

logger = logging.getLogger(__name__)

_LOOK_EVERY = 1.0  # seconds
_AGAIN = timedelta(minutes=1)  # after a failure
_ACTOR = "keeper"


@dataclass(frozen=True)
class Job:
    """Something that is done at the start and then every so often. It may run in several processes at once."""

    name: str
    every: timedelta
    run: Callable[[Engine, Settings, datetime], object]


def settle_outcomes(engine: Engine, settings: Settings, now: datetime) -> int:
    """Bring outcomes up to date; how many changed."""
    return settle(engine, now, timedelta(minutes=settings.conversation_minutes))


def finish_erasures(engine: Engine, settings: Settings, now: datetime) -> int:
    """Delete what turns under way during an erasure have left, and mails that lie about; how many."""
    return drop_stragglers(engine, now) + mailbox(settings).sweep(engine)


def apply_retention(engine: Engine, settings: Settings, now: datetime) -> None:
    """Delete what the settings do not let us keep any longer."""
    log_missing(engine)  # what is not in the log has no end that its age could be told by
    purge_texts(engine, now - timedelta(days=settings.keep_texts_days), now, _ACTOR)
    purge_figures(engine, months_before(now, settings.keep_figures_months), now, _ACTOR)
    Vault(engine, settings.key("vault")).drop_expired()


def cluster_reviews(engine: Engine, _settings: Settings, now: datetime) -> int:
    """Put what waits for a review together by likeness; how many turns wait."""
    from bot.conversations.log.clustering import refresh  # brings numpy and the encoder with it

    return refresh(engine, now)


def count_figures(engine: Engine, settings: Settings, now: datetime) -> int:
    """Count the days whose figures may have changed; how many."""
    return refresh_figures(engine, ZoneInfo(settings.timezone), now)


JOBS = [
    Job("outcomes", timedelta(minutes=1), settle_outcomes),
    Job("erasures", timedelta(minutes=1), finish_erasures),
    Job("reviews", timedelta(minutes=1), cluster_reviews),
    Job("figures", timedelta(minutes=10), count_figures),
    Job("retention", timedelta(days=1), apply_retention),
]


class Keeper:
    """Runs jobs when they are due; one that fails does not keep the others from their turn, and is tried again."""

    def __init__(self, engine: Engine, settings: Settings, jobs: list[Job]) -> None:
        self._engine = engine
        self._settings = settings
        self._due = {job.name: (job, datetime.min.replace(tzinfo=timezone.utc)) for job in jobs}

    def run_due(self, now: datetime) -> list[str]:
        """Run the jobs that are due; the names of those that succeeded."""
        succeeded = []
        for name, (job, due_at) in self._due.items():
            if due_at > now:
                continue
            next_at = now + job.every
            try:
                job.run(self._engine, self._settings, now)
                succeeded.append(name)
            except Exception as error:  # an entry point: whatever failed, the next job has its turn
                trouble = "the database" if isinstance(error, SQLAlchemyError) else "the job"
                error_id = uuid.uuid4().hex[:12]
                logger.error("Keeper: %s failed by %s: error %s, %s", name, trouble, error_id, type(error).__name__)
                next_at = now + min(job.every, _AGAIN)
            self._due[name] = (job, next_at)
        return succeeded


def serve(settings: Settings) -> None:
    """Run the jobs until the process is ended."""
    keeper = Keeper(open_engine(settings.conversations_database()), settings, JOBS)
    while True:
        keeper.run_due(datetime.now(timezone.utc))
        time.sleep(_LOOK_EVERY)
