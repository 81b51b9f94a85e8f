"""What the blocks' edges say: an order, dominators, joins and loops.

Wasm's control is structured, so every cycle is entered at one block only (its *header*), and a
block's number in reverse postorder is below those of all blocks that it dominates.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from watloom.interp.compile.ir import Graph, successors

__all__ = ["Flow", "analyse"]


class Flow:
    """`order` lists the reachable blocks in reverse postorder; `number` is a block's place in it.

    `children[b]` are the blocks that b immediately dominates, `joins` those with several ways in,
    `headers` those that a later block goes back to.
    """

    def __init__(self, graph: Graph) -> None:
        self.successors = [successors(block.end) for block in graph.blocks]
        self.order = self._reverse_postorder()
        self.number = {block: i for i, block in enumerate(self.order)}
        predecessors: dict[int, list[int]] = {block: [] for block in self.order}
        self.headers: set[int] = set()
        for block in self.order:
            for target in self.successors[block]:
                if self.number[target] <= self.number[block]:
                    self.headers.add(target)
                else:
                    predecessors[target].append(block)
        # ways in that go forward; two from one block (a br_table) count twice
        self.joins = {block for block, ways in predecessors.items() if len(ways) > 1}
        self.children: dict[int, list[int]] = {block: [] for block in self.order}
        parent = self._dominators(predecessors)
        for block in self.order[1:]:
            self.children[parent[block]].append(block)
        self._first, self.size = self._extents()
        self.backward = self._backward()
        self._ways: dict[int, list[int]] = {}

    def _backward(self) -> dict[int, list[int]]:
        """All ways into each block, those that go back included."""
        into: dict[int, list[int]] = {block: [] for block in self.order}
        for block in self.order:
            for target in dict.fromkeys(self.successors[block]):
                into[target].append(block)
        return into

    def body(self, header: int) -> set[int]:
        """The blocks of a loop: those from which a way leads back to its header."""
        body = {header}
        pending = [b for b in self.backward[header] if self.number[b] >= self.number[header]]
        while pending:
            block = pending.pop()
            if block not in body:
                body.add(block)
                pending.extend(self.backward[block])
        return body

    def _extents(self) -> tuple[dict[int, int], dict[int, int]]:
        """Of each block, its place when dominators come before what they dominate, which follows
        at once; and how many blocks it dominates, itself included."""
        first: dict[int, int] = {}
        pending = [self.order[0]]
        while pending:
            block = pending.pop()
            first[block] = len(first)
            pending.extend(self.children[block])
        size: dict[int, int] = {}
        for block in reversed(first):
            size[block] = 1 + sum(size[child] for child in self.children[block])
        return first, size

    def is_entered_from(self, target: int, block: int, without: int) -> bool:
        """Whether a way into a block comes from what another one dominates, but not from what a
        third one, which that dominates too, does."""
        ways = self._ways.get(target)
        if ways is None:
            ways = sorted(self._first[way] for way in self.backward.get(target, ()))
            self._ways[target] = ways
        start, hole = self._first[block], self._first[without]
        stop, end = hole + self.size[without], start + self.size[block]
        return any(
            bisect_left(ways, low) < bisect_left(ways, high)
            for low, high in ((start, hole), (stop, end))
        )

    def leading_on(self, blocks: list[int]) -> set[int]:
        """Those of some blocks, none of which dominates another, from which a way leads to
        another: from themselves, or from what they dominate."""
        at = {self._first[block]: block for block in blocks}
        starts = sorted(at)
        found: set[int] = set()
        for target in blocks:
            for way in self.backward[target]:
                i = bisect_right(starts, self._first[way]) - 1
                block = at[starts[i]] if i >= 0 else target
                if block != target and self._first[way] < starts[i] + self.size[block]:
                    found.add(block)
        return found

    def _reverse_postorder(self) -> list[int]:
        """Depth first without recursion, the last way out first."""
        seen, order = {0}, []
        pending: list[tuple[int, int]] = [(0, 0)]
        while pending:
            block, i = pending.pop()
            ways = self.successors[block]
            if i < len(ways):
                pending.append((block, i + 1))
                target = ways[len(ways) - 1 - i]
                if target not in seen:
                    seen.add(target)
                    pending.append((target, 0))
            else:
                order.append(block)
        order.reverse()
        return order

    def _dominators(self, predecessors: dict[int, list[int]]) -> dict[int, int]:
        """Each block's immediate dominator: one sweep does, no cycle being irreducible.

        Many ways may lead from a long chain to one block; so each block also knows one far above
        (`far`), chosen so that any search upwards takes logarithmically many steps.
        """
        root = self.order[0]
        parent, far, depth = {root: root}, {root: root}, {root: 0}

        def common(a: int, b: int) -> int:
            """The innermost block that dominates both."""
            while a != b:
                if depth[a] < depth[b]:
                    a, b = b, a
                if depth[a] == depth[b]:
                    a, b = (far[a], far[b]) if far[a] != far[b] else (parent[a], parent[b])
                else:
                    a = far[a] if depth[far[a]] >= depth[b] else parent[a]
            return a

        for block in self.order[1:]:
            ways = predecessors[block]
            above = ways[0]
            for way in ways[1:]:
                above = common(above, way)
            parent[block], depth[block] = above, depth[above] + 1
            middle = far[above]
            even = depth[above] - depth[middle] == depth[middle] - depth[far[middle]]
            far[block] = far[middle] if even else above
        return parent


def analyse(graph: Graph) -> Flow:
    """The flow of a graph."""
    return Flow(graph)
