"""Declaring instructions: a `Proposal` collects the ops of one file of the instruction set.

Two ways, by what the instruction does:

    MVP = Proposal("wasm")

    @MVP.pure("i32.add", 0x6A, "i32 i32 -> i32")          # numbers in, a number out
    def iadd(a: int, b: int) -> int:
        \"\"\"Sum modulo 2^32.\"\"\"
        return (a + b) & 0xFFFF_FFFF

    @MVP.op("local.get", 0x20, LOCALIDX)                   # state or control: typing and step
    class LocalGet:
        \"\"\"Push the value of a local.\"\"\"
        def check(c: Checker, x: int) -> None: ...
        def step(m: Machine, x: int) -> None: ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from watloom.interp.core.instr import Immediate, Op
from watloom.interp.core.numerics.integers import NumericError
from watloom.interp.core.types import (
    ANYREF,
    EXTERNREF,
    F32,
    F64,
    FUNCREF,
    I32,
    I64,
    V128,
    ValType,
)
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["Proposal", "parse_signature"]

_TYPES: dict[str, ValType] = {
    "i32": I32, "i64": I64, "f32": F32, "f64": F64, "v128": V128,
    "funcref": FUNCREF, "externref": EXTERNREF, "anyref": ANYREF,
}  # fmt: skip

Opcode = int | tuple[int, int]
P = TypeVar("P", bound=Callable[..., Any])


def parse_signature(text: str) -> tuple[tuple[ValType, ...], tuple[ValType, ...]]:
    """The operand and result types of "i32 i32 -> i32"."""
    before, after = text.split("->")
    return tuple(_TYPES[t] for t in before.split()), tuple(_TYPES[t] for t in after.split())


class Proposal:
    """A named set of ops; `url` is where its text is, if that is not the specification."""

    def __init__(self, name: str, *, url: str | None = None) -> None:
        self.name = name
        self.url = url
        """Where a proposal that is no part of the spec says what its instructions do."""
        self.ops: list[Op] = []
        self.told: dict[str, tuple[str, str]] = {}
        """What `explain` was given, by mnemonic: typing and example."""

    def add(self, op: Op) -> Op:
        """Add a declaration that was made by hand."""
        if not op.doc:
            raise ValueError(f"{op.mnemonic} has no docstring that says what it means")
        self.ops.append(op)
        return op

    def explain(self, told: dict[str, tuple[str, str]]) -> None:
        """Say of instructions how they are typed, and what an example gives (see `isa.explain`).

        Those need none whose signature says all, and those that move numbers to and from memory.
        """
        strange = told.keys() - {op.mnemonic for op in self.ops}
        if strange:
            raise ValueError(f"{self.name} has no instruction {min(strange)}")
        self.told |= told

    def pure(
        self,
        mnemonic: str,
        opcode: Opcode,
        signature: str,
        *immediates: Immediate,
        constant: bool = False,
        doc: str = "",
        admit: Callable[..., None] | None = None,
    ) -> Callable[[P], P]:
        """Declare an instruction that takes numbers and gives one; its check and step follow.

        Where the signature has several results, the meaning gives a tuple of them. It takes the
        immediates before the operands; `admit(checker, *immediates)` raises for invalid ones.
        """
        params, results = parse_signature(signature)

        def declare(meaning: P) -> P:
            arity, several = len(params), len(results) != 1

            def check(c: Checker, *args: Any) -> None:
                if admit is not None:
                    admit(c, *args)
                c.pop_all(params)
                c.push(*results)

            def step(m: Machine, *args: Any) -> None:
                stack = m.stack
                operands = stack[-arity:]
                try:
                    found = meaning(*args, *operands)
                except NumericError as error:
                    raise m.trap(str(error)) from None
                stack[-arity:] = found if several else (found,)

            self.add(
                Op(
                    mnemonic=mnemonic,
                    opcode=_opcode(opcode),
                    immediates=immediates,
                    check=check,
                    step=step,
                    doc=doc or meaning.__doc__ or "",
                    signature=signature,
                    pure=meaning,
                    constant=constant,
                    proposal=self.name,
                )
            )
            return meaning

        return declare

    def op(
        self,
        mnemonic: str,
        opcode: Opcode,
        *immediates: Immediate,
        constant: bool = False,
        signature: str = "",
        **data: Any,
    ) -> Callable[[type], type]:
        """Declare an instruction from a class with `check` and `step` (plain functions).

        A class without `check` gives its `signature`. `data` is kept in `Op.data`.
        """

        def declare(rules: type) -> type:
            check = rules.__dict__.get("check")
            if check is None:
                params, results = parse_signature(signature)

                def check(c: Checker, *_: Any) -> None:
                    c.pop_all(params)
                    c.push(*results)

            self.add(
                Op(
                    mnemonic=mnemonic,
                    opcode=_opcode(opcode),
                    immediates=immediates,
                    check=check,
                    step=rules.__dict__["step"],
                    doc=rules.__doc__ or "",
                    signature=signature,
                    constant=constant,
                    proposal=self.name,
                    data=data,
                )
            )
            return rules

        return declare


def _opcode(opcode: Opcode) -> tuple[int, ...]:
    return opcode if isinstance(opcode, tuple) else (opcode,)
