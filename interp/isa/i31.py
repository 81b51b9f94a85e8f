"""Unboxed 31-bit integers (https://webassembly.github.io/spec/core/exec/instructions.html#aggregate-reference-instructions)."""

from __future__ import annotations

from watloom.interp.core.numerics.integers import extend_s
from watloom.interp.core.types import I32, AbsHeap, RefType
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("i31")


@PROPOSAL.op("ref.i31", (0xFB, 28), constant=True)
class RefI31:
    """A reference made of the low 31 bits."""

    def check(c: Checker) -> None:
        c.pop(I32)
        c.push(RefType(False, AbsHeap.I31))

    def step(m: Machine) -> None:
        m.push(m.i31(m.pop() & 0x7FFF_FFFF))


def _declare_get(mnemonic: str, opcode: int, signed: bool) -> None:
    @PROPOSAL.op(mnemonic, (0xFB, opcode))
    class I31Get:
        """The integer in a reference; traps on null."""

        def check(c: Checker) -> None:
            c.pop(RefType(True, AbsHeap.I31))
            c.push(I32)

        def step(m: Machine) -> None:
            ref = m.pop()
            if ref is None:
                raise m.trap("null i31 reference")
            m.push(extend_s(31, 32, ref.value) if signed else ref.value)


_declare_get("i31.get_s", 29, signed=True)
_declare_get("i31.get_u", 30, signed=False)


def _declare_conversion(mnemonic: str, opcode: int, source: AbsHeap, target: AbsHeap) -> None:
    @PROPOSAL.op(mnemonic, (0xFB, opcode), constant=True)
    class Convert:
        """The same reference in the other hierarchy."""

        def check(c: Checker) -> None:
            ref = c.pop(RefType(True, source))
            nullable = isinstance(ref, RefType) and ref.nullable
            c.push(RefType(nullable, target))

        def step(m: Machine) -> None:
            """References of host objects look the same on both sides: nothing to do."""


_declare_conversion("any.convert_extern", 26, AbsHeap.EXTERN, AbsHeap.ANY)
_declare_conversion("extern.convert_any", 27, AbsHeap.ANY, AbsHeap.EXTERN)


PROPOSAL.explain({
    "ref.i31": ("[i32] -> [(ref i31)]",
                "(i31.get_u (ref.i31 (i32.const -1))) => i32 2147483647"),
    "i31.get_s": ("[i31ref] -> [i32]", "(i31.get_s (ref.i31 (i32.const -1))) => i32 -1"),
    "i31.get_u": ("[i31ref] -> [i32]", "(i31.get_u (ref.i31 (i32.const -1))) => i32 2147483647"),
    "any.convert_extern": ("[externref] -> [anyref]; null or not as the operand",
                           "(ref.is_null (any.convert_extern (ref.null extern))) => i32 1"),
    "extern.convert_any": ("[anyref] -> [externref]; null or not as the operand",
                           "(ref.is_null (extern.convert_any (ref.i31 (i32.const 1)))) => i32 0"),
})  # fmt: skip
