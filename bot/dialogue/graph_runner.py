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

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of the target nodes; inputs are named like the nodes that they stand for."""
        wanted = tuple(targets or self._graph_schema.target_names)
        outputs = {name: (name, value) for name, value in (inputs or {}).items()}
        for name in self._order(wanted):
            needed = self._graph_schema.nodes[name].needs.values()
            outputs[name] = self._instantiated_nodes[name](*(outputs.get(need, need) for need in needed))
        return {name: outputs[name][1] for name in wanted}

    def _order(self, targets: tuple[str, ...]) -> list[str]:
        orders: dict[tuple[str, ...], list[str]] = self.__dict__.setdefault("_orders", {})
        if targets not in orders:
            nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            needs = {name: [need for need in node.needs.values() if need in nodes] for name, node in nodes.items()}
            orders[targets] = list(TopologicalSorter(needs).static_order())
        return orders[targets]


def run_models_in_order() -> None:
    """Have Rasa run every model that it loads from now on with this runner."""
    rasa.core.processor.DaskGraphRunner = OrderedGraphRunner
