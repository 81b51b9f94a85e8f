"""A layered layout: who imports stands above what it imports, and few arrows cross.

Layers by the longest way from the top; an arrow over several layers gets a bend in each that it
passes; within layers, nodes move to the middle of their neighbours, up and down a few times.

Naming: a *place* is a node or a bend. Lengths are in pixels.
"""

from __future__ import annotations

from itertools import pairwise

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.source import columns
from watloom.interp.link.graph.model import Edge, Graph, shown

__all__ = ["Layout", "Place", "cut", "lay_out"]

CHAR, HEIGHT, GAP, BETWEEN = 7.4, 40, 36, 84
_SWEEPS = 8
#: How many characters of a name are shown.
LONGEST = 48
#: With more bends than this, arrows over several layers go straight.
_BENDS = 20_000


@dataclass(eq=False)
class Place:
    """Where a node's middle is, or a bend's (`node` "")."""

    node: str
    layer: int
    width: float
    x: float = 0
    y: float = 0
    above: list[Place] = field(default_factory=list)
    below: list[Place] = field(default_factory=list)


@dataclass
class Layout:
    """Places of nodes, the way of each arrow, and the size of all."""

    places: dict[str, Place]
    ways: list[tuple[Edge, list[Place]]]
    width: float
    height: float


def lay_out(graph: Graph) -> Layout:
    """Give every node and arrow of a graph its place."""
    layers_of = _layers(graph)
    places = {
        name: Place(name, layers_of[name], max(64, CHAR * _longest(graph, name) + 28))
        for name in graph.nodes
    }
    lengths = [abs(layers_of[e.source] - layers_of[e.target]) for e in graph.edges]
    bent = sum(max(0, length - 1) for length in lengths) <= _BENDS
    ways = [(edge, _way(places, edge, bent)) for edge in graph.edges]
    rows: list[list[Place]] = [[] for _ in range(1 + max(layers_of.values(), default=0))]
    seen: set[int] = set()
    for place in [*places.values(), *(p for _, way in ways for p in way)]:
        if id(place) not in seen:
            seen.add(id(place))
            rows[place.layer].append(place)
    _order(rows)
    width = _position(rows)
    return Layout(places, ways, width, len(rows) * HEIGHT + (len(rows) - 1) * BETWEEN)


def _longest(graph: Graph, name: str) -> int:
    node = graph.nodes[name]
    return max(columns(cut(node.label)), columns(cut(node.note)))


def cut(name: str) -> str:
    """A name as a picture shows it: not all of a long one."""
    text = shown(name)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _layers(graph: Graph) -> dict[str, int]:
    """The longest way from the top, of the graph without the arrows that close a circle."""
    below: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for edge in graph.edges:
        if edge.target != edge.source and edge.target not in below[edge.source]:
            below[edge.source].append(edge.target)
    order = _forward(below)
    rank = {name: i for i, name in enumerate(order)}
    layers = dict.fromkeys(order, 0)
    for name in order:
        for target in below[name]:
            if rank[target] > rank[name]:
                layers[target] = max(layers[target], layers[name] + 1)
    return layers


def _forward(below: dict[str, list[str]]) -> list[str]:
    """The nodes so that arrows lead forward, save those that close a circle."""
    done: list[str] = []
    state: dict[str, int] = {}
    for start in below:
        work = [start]
        while work:
            name = work[-1]
            if state.get(name, 0) == 0:
                state[name] = 1
                work += [t for t in reversed(below[name]) if not state.get(t)]
                continue
            work.pop()
            if state[name] == 1:
                state[name] = 2
                done.append(name)
    return done[::-1]


def _way(places: dict[str, Place], edge: Edge, bent: bool) -> list[Place]:
    """The places that an arrow passes, its ends included; bends are made here."""
    first, last = places[edge.source], places[edge.target]
    top, bottom = (first, last) if first.layer <= last.layer else (last, first)
    between = range(top.layer + 1, bottom.layer) if bent else ()
    bends = [Place("", layer, 16) for layer in between]
    way = [top, *bends, bottom]
    for one, other in pairwise(way):
        if one.layer != other.layer:
            one.below.append(other)
            other.above.append(one)
    return way if top is first else way[::-1]


def _order(rows: list[list[Place]]) -> None:
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        rank = {id(p): i for row in rows for i, p in enumerate(row)}
        for row in rows if down else reversed(rows):
            middles = {}
            for i, place in enumerate(row):
                near = place.above if down else place.below
                middles[id(place)] = sum(rank[id(p)] for p in near) / len(near) if near else i
            row.sort(key=lambda p: middles[id(p)])
            rank |= {id(p): i for i, p in enumerate(row)}


def _position(rows: list[list[Place]]) -> float:
    """Give every place its coordinates; the width of all."""
    for number, row in enumerate(rows):
        x = 0.0
        for place in row:
            place.x, place.y = x + place.width / 2, number * (HEIGHT + BETWEEN) + HEIGHT / 2
            x += place.width + GAP
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            for place in row:
                near = [*place.above, *place.below]
                if near:
                    place.x = sum(p.x for p in near) / len(near)
            _spread(row)
    left = min((p.x - p.width / 2 for row in rows for p in row), default=0)
    for row in rows:
        for place in row:
            place.x -= left
    return max((p.x + p.width / 2 for row in rows for p in row), default=0)


def _spread(row: list[Place]) -> None:
    """Push apart what overlaps, keeping the order and the middle."""
    if not row:
        return
    before = sum(p.x for p in row) / len(row)
    for left, right in pairwise(row):
        right.x = max(right.x, left.x + (left.width + right.width) / 2 + GAP)
    shift = before - sum(p.x for p in row) / len(row)
    for place in row:
        place.x += shift
