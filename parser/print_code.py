"""Code as text, flat or folded; `printer` puts the modules together."""

from __future__ import annotations

from collections.abc import Iterable

from watloom.interp.core.instr import Expr
from watloom.interp.core.module import Hints, Names
from watloom.parser.arity import Arities
from watloom.parser.print_body import Body
from watloom.parser.print_folded import fold, lines_of, on_one_line
from watloom.parser.print_types import TypePrinter
from watloom.parser.print_words import Words

__all__ = ["CodePrinter"]


class CodePrinter(TypePrinter):
    """Prints types and code with the names of one module; `folded` is how code looks."""

    def __init__(self, names: Names, arities: Arities, folded: bool) -> None:
        super().__init__(names, arities)
        self.folded = folded

    def expr(self, code: Expr, keyword: str = "") -> str:
        """A constant expression on one line: one instruction in parentheses, several behind a
        keyword, or as they are.
        """
        if self.folded:
            nodes = fold(code, Body(self, Words(), {}), self.arities, 1)
            shown, count = on_one_line(nodes), len(nodes)
        else:
            shown, count = " ".join(self.lines(code)), len(code)
            shown = f"({shown})" if count == 1 else shown
        return shown if count == 1 or not keyword else f"({keyword} {shown})"

    def lines(
        self,
        code: Expr,
        locals_: Words | None = None,
        labels: dict[int, str] | None = None,
        hints: Hints | None = None,
        results: int = 1,
        count: int = 0,
    ) -> Iterable[str]:
        """The instructions of a body that gives so many results, indented by two spaces a block.

        `count` is the number of its parameters and locals.
        """
        body = Body(self, locals_ or Words(), labels or {}, count)
        if self.folded:
            return lines_of(fold(code, body, self.arities, results, hints))
        if not hints:
            return [body.line(instr) for instr in code]
        return [body.hinted(instr, hints.get(number)) for number, instr in enumerate(code)]
