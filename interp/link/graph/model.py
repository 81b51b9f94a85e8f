"""A graph of modules or instances."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from watloom.interp.core.dataclass import dataclass, field

__all__ = ["Edge", "Graph", "Node"]

#: A module or instance of guests; what the host gives; a name that is only imported.
NodeKind = Literal["guest", "host", "name"]
#: An import; a module or instance inside another; an import that got something else than the
#: import of that name outside.
EdgeKind = Literal["import", "inside", "virtual"]


@dataclass(frozen=True, slots=True)
class Node:
    """`name` is its own in the graph; `label` is what a picture says, with `note` below."""

    name: str
    label: str
    kind: NodeKind = "guest"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from who imports to what it gets, with the name of the import."""

    source: str
    target: str
    label: str = ""
    kind: EdgeKind = "import"


@dataclass
class Graph:
    """Nodes by name, in the order in which they were found, and arrows."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def add(self, node: Node) -> None:
        """Add a node; one of that name stays as it is."""
        self.nodes.setdefault(node.name, node)

    def connect(self, edge: Edge) -> None:
        """Add an arrow that is not there yet."""
        if edge not in self.edges:
            self.edges.append(edge)

    def targets(self, source: str) -> dict[str, str]:
        """What a node imports: by the name of the import, the node that it gets."""
        return {e.label: e.target for e in self.edges if e.source == source and e.kind != "inside"}

    def reaches(self, source: str, target: str, avoiding: Iterable[str] = ()) -> bool:
        """Whether a chain of imports leads from one node to the other, past none of `avoiding`.

        Raises KeyError for a node that is not there.
        """
        for name in (source, target, *avoiding):
            if name not in self.nodes:
                raise KeyError(name)
        seen, work = set(avoiding), [source]
        while work:
            here = work.pop()
            if here == target:
                return True
            if here in seen:
                continue
            seen.add(here)
            work += self.targets(here).values()
        return False
