"""Running a trained model's graph node by node.

Rasa hands its graph to Dask, which plans and schedules it anew for every message and every prediction, on one thread.
The graph never changes: its order is found once.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any

import rasa.core.processor
from rasa.engine.runner.dask import DaskGraphRunner


class OrderedGraphRunner(DaskGraphRunner):
    """Runs the nodes that the targets need, each after those that it needs."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._orders: dict[tuple[tuple[str, ...], frozenset[str]], list[str]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of the target nodes; inputs are named like the nodes that they stand for."""
        wanted = tuple(targets or self._graph_schema.target_names)
        outputs = {name: (name, value) for name, value in (inputs or {}).items()}
        for name in self._order(wanted, frozenset(outputs)):
            needed = self._graph_schema.nodes[name].needs.values()
            outputs[name] = self._instantiated_nodes[name](*(outputs.get(need, need) for need in needed))
        return {name: outputs[name][1] for name in wanted}

    def _order(self, targets: tuple[str, ...], given: frozenset[str]) -> list[str]:
        """The nodes to run if these are given: neither they nor what they alone need are among them."""
        if (targets, given) not in self._orders:
            needs: dict[str, list[str]] = {}
            reached = list(targets)
            while reached:
                name = reached.pop()
                if name in self._graph_schema.nodes and name not in given and name not in needs:
                    needs[name] = list(self._graph_schema.nodes[name].needs.values())
                    reached += needs[name]
            order = TopologicalSorter(needs).static_order()
            self._orders[targets, given] = [name for name in order if name in needs]
        return self._orders[targets, given]


def run_models_in_order() -> None:
    """Have Rasa run every model that it loads from now on with this runner."""
    rasa.core.processor.DaskGraphRunner = OrderedGraphRunner
