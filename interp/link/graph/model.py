"""A graph of modules or instances."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from watloom.interp.core.dataclass import dataclass, field

__all__ = ["Edge", "Graph", "Node", "shown"]

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
    known: set[Edge] = field(default_factory=set, repr=False)
    """The same, to look them up."""

    def __post_init__(self) -> None:
        self.known.update(self.edges)

    def add(self, node: Node) -> None:
        """Add a node; one of that name stays as it is."""
        self.nodes.setdefault(node.name, node)

    def connect(self, edge: Edge) -> None:
        """Add an arrow that is not there yet."""
        if edge not in self.known:
            self.known.add(edge)
            self.edges.append(edge)

    def targets(self, source: str) -> dict[str, str]:
        """What a node imports: by the name of the import, the node that it gets.

        Parts of an instance may come from several nodes; `edges` has them all, this one of them.
        """
        return {e.label: e.target for e in self.edges if e.source == source and e.kind != "inside"}

    def reaches(self, source: str, target: str, avoiding: Iterable[str] = ()) -> bool:
        """Whether a chain of imports leads from one node to the other, past none of `avoiding`.

        Raises KeyError for a node that is not there.
        """
        for name in (source, target, *avoiding):
            if name not in self.nodes:
                raise KeyError(name)
        imported: dict[str, list[str]] = {}
        for edge in self.edges:
            if edge.kind != "inside":
                imported.setdefault(edge.source, []).append(edge.target)
        seen, work = set(avoiding), [source]
        while work:
            here = work.pop()
            if here == target:
                return True
            if here in seen:
                continue
            seen.add(here)
            work += imported.get(here, ())
        return False


#: Controls, marks of direction among them, and what XML cannot hold.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def shown(name: str) -> str:
    r"""A name as it can stand in a picture.

    >>> print(shown("a\0b"))
    a\u{0}b
    """
    return _HIDDEN.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", name)
