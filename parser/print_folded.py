"""Code with operands inside of their instructions.

    local.get $x                      (i32.add
    i32.const 1                         (local.get $x)
    i32.add                             (i32.const 1))

Folding changes only how code looks: an instruction stands behind whatever is folded into it, so the
order of execution is what it was. Operands are the instructions right before it that leave one
value or more; what leaves none stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.instr import Expr
from watloom.interp.core.module import Hints
from watloom.interp.isa.control import DELIMITERS
from watloom.interp.isa.immediates import BLOCKTYPE
from watloom.interp.isa.let import LOCALS
from watloom.parser.arity import Arities
from watloom.parser.print_body import Body, show_hint

__all__ = ["Node", "fold", "lines_of", "on_one_line"]

_WIDTH = 80
_DEEP = 50


@dataclass(slots=True, eq=False)
class Node:
    """An instruction in parentheses with what stands in it; `results` is what is left to take."""

    head: str
    parts: list[Node] = field(default_factory=list)
    results: int = 0
    hint: str = ""
    short: str = ""
    """The whole on one line, where it is short."""

    def finish(self) -> Node:
        """Find out whether it is short; its parts have been finished."""
        shorts = [part.short for part in self.parts]
        if all(shorts):
            text = f"{self.hint}({' '.join([self.head, *shorts])})"
            if len(text) <= _WIDTH:
                self.short = text
        return self


@dataclass(slots=True)
class _Sequence:
    """Instructions one after the other; `live` are the places of those with results."""

    nodes: list[Node] = field(default_factory=list)
    live: list[int] = field(default_factory=list)

    def add(self, node: Node) -> None:
        if node.results:
            self.live.append(len(self.nodes))
        self.nodes.append(node)

    def take(self, count: int) -> list[Node]:
        """The operands of an instruction that takes so many; the others stay where they are."""
        nodes, live = self.nodes, self.live
        found: list[Node] = []
        while live and live[-1] == len(nodes) - 1 and 0 < nodes[-1].results <= count:
            live.pop()
            count -= nodes[-1].results
            found.append(nodes.pop())
        self.use(count)
        return found[::-1]

    def use(self, count: int) -> None:
        """Take operands, and leave the instructions that gave them where they are."""
        while count and self.live:
            node = self.nodes[self.live[-1]]
            used = min(count, node.results)
            node.results -= used
            count -= used
            if not node.results:
                self.live.pop()


@dataclass(slots=True)
class _Block:
    """A block that is open, the code in it so far, and how many results it gives."""

    node: Node
    inner: _Sequence
    results: int = 0
    part: Node | None = None
    """The `then` or `else`, `do` or `catch` that the code belongs to."""


def fold(
    code: Expr, body: Body, arities: Arities, results: int, hints: Hints | None = None
) -> list[Node]:
    """The instructions of a body that gives so many results."""
    blocks = [_Block(Node(""), _Sequence())]
    labels: list[int] = []
    for number, instr in enumerate(code):
        here = blocks[-1]
        mnemonic = instr.op.mnemonic
        if mnemonic in DELIMITERS and len(blocks) > 1:
            words = body.words(instr)
            _close(here)
            if mnemonic not in ("end", "delegate"):
                here.part, here.inner = Node(words), _Sequence()
                continue
            if mnemonic == "delegate":
                here.node.parts.append(Node(words).finish())
            blocks.pop()
            labels.pop()
            here.node.results = here.results
            blocks[-1].inner.add(here.node.finish())
            continue
        node = Node(body.words(instr))
        if hints and number in hints:
            node.hint = f"{show_hint(hints[number])} "
        if BLOCKTYPE in instr.op.immediates:
            params, given = arities.block(instr.args[0])
            if LOCALS in instr.op.immediates:  # they begin with the operands behind the parameters
                params += len(instr.args[1])
            blocks.append(_open(node, mnemonic, here.inner, params, given))
            labels.append(params if mnemonic == "loop" else given)
            continue
        taken, node.results = arities.of_instr(instr, labels, results)
        node.parts = here.inner.take(taken)
        here.inner.add(node.finish())
    return blocks[0].inner.nodes


def _open(node: Node, mnemonic: str, around: _Sequence, params: int, results: int) -> _Block:
    block = _Block(node, _Sequence(), results)
    if mnemonic == "if":
        node.parts = around.take(1)
        if node.parts and node.parts[0].short and len(node.parts[0].short) <= _WIDTH // 2:
            node.head += f" {node.parts.pop().short}"
        block.part = Node("then")
    elif mnemonic == "try":
        block.part = Node("do")
    around.use(params)
    return block


def _close(block: _Block) -> None:
    """Put the code of a block, or of one of its branches, into it."""
    if block.part is None:
        block.node.parts += block.inner.nodes
    else:
        block.part.parts = block.inner.nodes
        block.node.parts.append(block.part.finish())


# ------------------------------------------------------------------ writing it down


def lines_of(nodes: Iterable[Node]) -> list[str]:
    """Instructions line by line, indented."""
    lines: list[str] = []
    closing = 0
    work: list[tuple[Node, int] | None] = [(node, 0) for node in nodes]
    work.reverse()
    while work:
        item = work.pop()
        if item is None:
            closing += 1
            continue
        if closing:
            lines[-1] += ")" * closing
            closing = 0
        node, depth = item
        indent = "  " * min(depth, _DEEP)
        lines.append(indent + (node.short or f"{node.hint}({node.head}"))
        if not node.short:
            work.append(None)
            work += [(part, depth + 1) for part in reversed(node.parts)]
    if closing:
        lines[-1] += ")" * closing
    return lines


def on_one_line(nodes: Iterable[Node]) -> str:
    """Instructions side by side."""
    return " ".join([line.lstrip(" ") for line in lines_of(nodes)])
