"""The table of what an instruction becomes, filled by `control`, `variables` and `effects`.

    @rule("global.get")
    def global_get(b, instr): b.push(node("global", …))

An instruction without an entry is pure and has a rule in `arith` or `float_rules`, or else its own
declaration runs: its body where it is pure, its step where it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from watloom.interp.core.instr import Instr

if TYPE_CHECKING:
    from watloom.interp.compile.build import Builder

__all__ = ["RULES", "Rule", "rule"]

Rule = Callable[["Builder", Instr], None]
RULES: dict[str, Rule] = {}


def rule(*mnemonics: str) -> Callable[[Rule], Rule]:
    """Register what instructions of these names become."""

    def register(made: Rule) -> Rule:
        for mnemonic in mnemonics:
            RULES[mnemonic] = made
        return made

    return register
