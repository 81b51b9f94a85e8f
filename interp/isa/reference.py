"""References: null, functions, equality, tests and casts.

https://webassembly.github.io/spec/core/exec/instructions.html#reference-instructions
"""

from __future__ import annotations

from watloom.interp.core.matching import matches_ref, top_of
from watloom.interp.core.types import I32, AbsHeap, HeapType, RefType
from watloom.interp.isa.immediates import CASTLABEL, CASTTYPE, FUNCIDX, HEAPTYPE
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("reference")


@PROPOSAL.op("ref.null", 0xD0, HEAPTYPE, constant=True)
class RefNull:
    """Push the null reference of a type."""

    def check(c: Checker, heap: HeapType) -> None:
        c.push(RefType(True, c.close(heap)))

    def step(m: Machine, heap: HeapType) -> None:
        m.push(None)


@PROPOSAL.op("ref.is_null", 0xD1)
class RefIsNull:
    """1 where the reference is null."""

    def check(c: Checker) -> None:
        c.pop_ref()
        c.push(I32)

    def step(m: Machine) -> None:
        m.push(int(m.pop() is None))


@PROPOSAL.op("ref.func", 0xD2, FUNCIDX, constant=True)
class RefFunc:
    """Push a reference to a function."""

    def check(c: Checker, x: int) -> None:
        t = c.func(x)
        c.declared(x)
        c.push(RefType(False, t))

    def step(m: Machine, x: int) -> None:
        m.push(m.func(x))


@PROPOSAL.op("ref.eq", 0xD3)
class RefEq:
    """1 where both references are the same."""

    def check(c: Checker) -> None:
        eqref = RefType(True, AbsHeap.EQ)
        c.pop_all((eqref, eqref))
        c.push(I32)

    def step(m: Machine) -> None:
        second, first = m.pop(), m.pop()
        m.push(int(first is second or (first is not None and first == second)))


@PROPOSAL.op("ref.as_non_null", 0xD4)
class RefAsNonNull:
    """Trap on null."""

    def check(c: Checker) -> None:
        c.push(RefType(False, c.pop_ref().heap))

    def step(m: Machine) -> None:
        if m.stack[-1] is None:
            raise m.trap("null reference")


# ------------------------------------------------------------------ tests and casts


def _target(c: Checker, nullable: bool, heap: HeapType) -> RefType:
    closed = c.close(heap)
    c.pop(RefType(True, top_of(closed)))
    return RefType(nullable, closed)


def _declare_test_and_cast(nullable: bool, test: int, cast: int) -> None:
    """`ref.test` and `ref.cast` of a type that takes null, or not: two opcodes, one mnemonic."""

    @PROPOSAL.op("ref.test", (0xFB, test), CASTTYPE, null=nullable)
    class RefTest:
        """1 where the reference is of the type."""

        def check(c: Checker, heap: HeapType) -> None:
            _target(c, nullable, heap)
            c.push(I32)

        def step(m: Machine, heap: HeapType) -> None:
            m.push(int(m.has_type(m.pop(), RefType(nullable, heap))))

    @PROPOSAL.op("ref.cast", (0xFB, cast), CASTTYPE, null=nullable)
    class RefCast:
        """The reference as the type; trap where it is not."""

        def check(c: Checker, heap: HeapType) -> None:
            c.push(_target(c, nullable, heap))

        def step(m: Machine, heap: HeapType) -> None:
            if not m.has_type(m.stack[-1], RefType(nullable, heap)):
                raise m.trap("cast failure")


_declare_test_and_cast(False, 20, 22)
_declare_test_and_cast(True, 21, 23)

Cast = tuple[int, RefType, RefType]


def _cast_types(c: Checker, cast: Cast) -> tuple[RefType, RefType, RefType]:
    """What comes, what is asked for, and what is left when it is not that."""
    _, source, target = cast
    have = RefType(source.nullable, c.close(source.heap))
    want = RefType(target.nullable, c.close(target.heap))
    if not matches_ref(want, have):
        raise c.fail(
            f"type mismatch: {c.shown(want)} is not a subtype of {c.shown(have)}",
            "the first type is that of the operand, the second the one to test for",
        )
    return have, want, RefType(have.nullable and not want.nullable, have.heap)


def _check_branch(c: Checker, label: int, have: RefType, taken: RefType, kept: RefType) -> None:
    c.pop(have)
    types = c.label(label)
    if not types or not c.matches(taken, types[-1]):
        takes = f"ends in {c.shown(types[-1])}" if types else "takes nothing"
        raise c.fail(
            f"type mismatch: the branch carries {c.shown(taken)}, but its label does not take it",
            f"the label {takes}; it must end in the same type or a supertype",
        )
    c.pop_all(types[:-1])
    c.push(*types[:-1], kept)


@PROPOSAL.op("br_on_cast", (0xFB, 24), CASTLABEL)
class BrOnCast:
    """Branch where the reference is of a type."""

    def check(c: Checker, cast: Cast) -> None:
        have, want, rest = _cast_types(c, cast)
        _check_branch(c, cast[0], have, want, rest)

    def step(m: Machine, cast: Cast) -> None:
        if m.has_type(m.stack[-1], cast[2]):
            m.branch(cast[0])


@PROPOSAL.op("br_on_cast_fail", (0xFB, 25), CASTLABEL)
class BrOnCastFail:
    """Branch where the reference is not of a type."""

    def check(c: Checker, cast: Cast) -> None:
        have, want, rest = _cast_types(c, cast)
        _check_branch(c, cast[0], have, rest, want)

    def step(m: Machine, cast: Cast) -> None:
        if not m.has_type(m.stack[-1], cast[2]):
            m.branch(cast[0])


PROPOSAL.explain({
    "ref.null": ("[] -> [(ref null ht)]", "(ref.is_null (ref.null func)) => i32 1"),
    "ref.is_null": ("[(ref null ht)] -> [i32]", "(ref.is_null (ref.func $double)) => i32 0"),
    "ref.func": ("[] -> [(ref x)], where x is the function's type",
                 "(call_ref $unary (i32.const 4) (ref.func $double)) => i32 8"),
    "ref.eq": ("[eqref eqref] -> [i32]",
               "(ref.eq (ref.i31 (i32.const 1)) (ref.i31 (i32.const 1))) => i32 1"),
    "ref.as_non_null": ("[(ref null ht)] -> [(ref ht)]",
                        "(drop (ref.as_non_null (ref.null any))) => trap null reference"),
    "ref.test": ("[rt1] -> [i32], where the type written is below rt1",
                 "(ref.test (ref i31) (ref.i31 (i32.const 1))) => i32 1"),
    "ref.cast": ("[rt1] -> [rt], the type written, which is below rt1",
                 "(i31.get_s (ref.cast (ref i31) (ref.i31 (i32.const 7)))) => i32 7"),
    "br_on_cast": ("[t* rt1] -> [t* rt1 without rt2], where the label carries t* rt2",
                   "(block $number (result (ref i31)) (br_on_cast $number anyref (ref i31) "
                   "(ref.i31 (i32.const 7))) drop (return (i32.const 0))) i31.get_s => i32 7"),
    "br_on_cast_fail": ("[t* rt1] -> [t* rt2], where the label carries t* rt1 without rt2",
                        "(block $other (result anyref) (return (i31.get_s (br_on_cast_fail $other "
                        "anyref (ref i31) (ref.i31 (i32.const 7)))))) drop (i32.const 0) => i32 7"),
})  # fmt: skip
