"""A model's graph run in order gives what Dask gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from bot.dialogue.graph_runner import OrderedGraphRunner

RUN: list[str] = []


class Sum(GraphComponent):
    """Adds the length of its name to what it is given."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Sum:
        return cls(resource.name)

    def __init__(self, name: str) -> None:
        self._name = name

    def add(self, one: int, other: int = 0) -> int:
        RUN.append(self._name)
        return one + other + len(self._name)


def node(is_target: bool = False, **needs: str) -> SchemaNode:
    return SchemaNode(needs, Sum, "create", "add", {}, eager=True, is_target=is_target)


# Listed against the order in which they must run.
SCHEMA = GraphSchema(
    {
        "policies": node(True, one="understanding", other="rules"),
        "rules": node(one="understanding"),
        "understanding": node(one="words", other="__message__"),
        "words": node(one="__message__"),
        "unused": node(one="__message__"),
    }
)


@pytest.fixture(params=[DaskGraphRunner, OrderedGraphRunner])
def runner(request: pytest.FixtureRequest, tmp_path: Path) -> DaskGraphRunner:
    RUN.clear()
    return request.param.create(SCHEMA, LocalModelStorage.create(tmp_path), ExecutionContext(SCHEMA, "test"))


def test_each_node_runs_once_after_those_that_it_needs(runner: DaskGraphRunner) -> None:
    assert runner.run({"__message__": 100}) == {"policies": 449}
    assert RUN == ["words", "understanding", "rules", "policies"]


def test_what_no_target_needs_does_not_run(runner: DaskGraphRunner) -> None:
    assert runner.run({"__message__": 1}, targets=["words", "unused"]) == {"words": 6, "unused": 7}
    assert sorted(RUN) == ["unused", "words"]


def test_a_given_node_is_not_run(runner: DaskGraphRunner) -> None:
    assert runner.run({"understanding": 1, "__message__": 100}) == {"policies": 15}
    assert "understanding" not in RUN


def test_each_run_begins_anew(runner: DaskGraphRunner) -> None:
    runner.run({"__message__": 1}, targets=["words"])
    assert runner.run({"words": 3, "__message__": 1}, targets=["words"]) == {"words": 3}
    assert runner.run({"__message__": 2}, targets=["words"]) == {"words": 7}
    assert RUN == ["words", "words"]
