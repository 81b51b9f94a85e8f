"""What the blocks' edges say: an order, dominators, joins and loops.

Wasm's control is structured, so every cycle is entered at one block only (its *header*), and a
block's number in reverse postorder is below those of all blocks that it dominates.
"""

from __future__ import annotations

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
        self.parent = parent
        self.backward = self._backward()
        self.bodies = {header: self._body(header) for header in self.headers}

    def _backward(self) -> dict[int, list[int]]:
        """All ways into each block, those that go back included."""
        into: dict[int, list[int]] = {block: [] for block in self.order}
        for block in self.order:
            for target in dict.fromkeys(self.successors[block]):
                into[target].append(block)
        return into

    def _body(self, header: int) -> set[int]:
        """The blocks of a loop: those from which a way leads back to its header."""
        body = {header}
        pending = [b for b in self.backward[header] if self.number[b] >= self.number[header]]
        while pending:
            block = pending.pop()
            if block not in body:
                body.add(block)
                pending.extend(self.backward[block])
        return body

    def dominated(self, block: int) -> list[int]:
        """A block and all that it dominates."""
        found = [block]
        for each in found:  # grows while it is walked
            found.extend(self.children[each])
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
        """Each block's immediate dominator: one sweep does, no cycle being irreducible."""
        parent = {self.order[0]: self.order[0]}
        number = self.number
        for block in self.order[1:]:
            above = None
            for way in predecessors[block]:
                if above is None:
                    above = way
                    continue
                other = way
                while above != other:
                    if number[above] > number[other]:
                        above = parent[above]
                    else:
                        other = parent[other]
            assert above is not None
            parent[block] = above
        return parent


def analyse(graph: Graph) -> Flow:
    """The flow of a graph."""
    return Flow(graph)
