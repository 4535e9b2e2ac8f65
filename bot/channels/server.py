"""The Rasa process: our channels, our stores, the latest model, on loopback only."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
from asyncio import AbstractEventLoop
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

import rasa.core.run
from rasa.core.utils import AvailableEndpoints
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.action_endpoint import ActionEndpoint, check_answers_once
from bot.conversations.tracker_store import ConversationTrackerStore
from bot.dialogue.graph_runner import run_models_in_order
from bot.dialogue.unchanging import work_out_once
from bot.models import current_model
from bot.settings import Settings

logger = logging.getLogger(__name__)

_FORGET_EVERY = 10.0  # seconds
_KEPT_SECONDS = 75  # longer than the gateway keeps its connections (bot/gateway/rasa.py)
_ANSWER_RESERVE = 0.5  # seconds that the action server has beyond its own budget to say that it ran out


def serve(settings: Settings) -> None:
    """Run Rasa until it is told to stop."""
    address = urlsplit(settings.rasa_url)
    model = Path(settings.model) if settings.model else current_model()
    if not model.exists():  # Rasa would start all the same, and answer nobody
        raise FileNotFoundError(f"there is no model {model}: run `make train`")
    endpoints = available_endpoints(settings)
    check_answers_once()
    run_models_in_order()
    work_out_once()
    app = rasa.core.run.configure_app(
        rasa.core.run.create_http_input_channels(None, "credentials.yml"),
        enable_api=False,
        endpoints=endpoints,
    )
    app.config.KEEP_ALIVE_TIMEOUT = _KEPT_SECONDS
    app.register_listener(functools.partial(_load, str(model), endpoints), "before_server_start")
    app.register_listener(lambda *_: endpoints.action.close(), "after_server_stop")
    app.run(host=address.hostname, port=address.port, access_log=False, motd=False)


async def _load(model: str, endpoints: AvailableEndpoints, app: Sanic, loop: AbstractEventLoop) -> None:
    """Load the model; Rasa would go on without one and answer nobody."""
    agent = await rasa.core.run.load_agent_on_start(model, endpoints, None, app, loop)
    if not agent.is_ready():
        raise RuntimeError(f"the model {model} cannot be loaded")
    processor = agent.processor
    # Rasa would go on in memory when a save fails: the answer would be given, and neither kept nor logged.
    store = agent.tracker_store._tracker_store
    agent.tracker_store = processor.tracker_store = store
    app.ctx.forgetting = asyncio.create_task(_forget(store))
    # What is here now stays: without this, each full collection walks all of TensorFlow in the middle of a turn.
    gc.collect()
    gc.freeze()


async def _forget(store: ConversationTrackerStore) -> None:
    """Let go of what was erased, every few seconds: memory is a copy, too."""
    while True:
        await asyncio.sleep(_FORGET_EVERY)
        try:
            store.forget(datetime.now(timezone.utc))
        except SQLAlchemyError as error:
            logger.error("Erased trackers cannot be looked up: %s", type(error).__name__)


def available_endpoints(settings: Settings) -> AvailableEndpoints:
    """Rasa's end points as the settings want them; `endpoints.yml` names the parts that never vary."""
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    endpoints.action = ActionEndpoint(
        settings.actions_url,
        settings.inner_secret("actions"),
        settings.action_seconds + _ANSWER_RESERVE,
    )
    if settings.redis_url:
        endpoints.lock_store = redis_lock_store(settings.redis_url)
    return endpoints


def redis_lock_store(url: str) -> EndpointConfig:
    """Rasa's Redis lock store for a ``redis://`` or ``rediss://`` URL."""
    address = urlsplit(url)
    return EndpointConfig(
        type="redis",
        url=address.hostname,
        port=address.port or 6379,
        db=int(address.path.strip("/") or 0),
        password=address.password,
        use_ssl=address.scheme == "rediss",
        key_prefix="portiere",
    )
