"""Control (https://webassembly.github.io/spec/core/exec/instructions.html#control-instructions)."""

from __future__ import annotations

from watloom.interp.core.instr import BlockType
from watloom.interp.core.types import FUNCREF, I32, DefType, FuncType, RefType
from watloom.interp.isa.immediates import (
    BLOCKTYPE,
    FUNCIDX,
    LABELIDX,
    LABELS,
    TABLEIDX,
    TYPEIDX,
    TYPEUSE,
)
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = [
    "DELIMITERS",
    "PROPOSAL",
    "call_ref_type",
    "indirect_callee",
    "indirect_type",
    "ref_callee",
]

PROPOSAL = Proposal("control")

#: What ends a block, or a part of it.
DELIMITERS = frozenset({"else", "end", "catch", "catch_all", "delegate"})


@PROPOSAL.op("unreachable", 0x00)
class Unreachable:
    """Trap."""

    def check(c: Checker) -> None:
        c.unreachable()

    def step(m: Machine) -> None:
        raise m.trap("unreachable")


@PROPOSAL.op("nop", 0x01)
class Nop:
    """Do nothing."""

    def check(c: Checker) -> None:
        pass

    def step(m: Machine) -> None:
        pass


# ------------------------------------------------------------------ blocks


@PROPOSAL.op("block", 0x02, BLOCKTYPE)
class Block:
    """A sequence whose label lies at its end."""

    def check(c: Checker, block: BlockType) -> None:
        c.enter("block", block)

    def step(m: Machine, block: BlockType) -> None:
        m.enter(block)


@PROPOSAL.op("loop", 0x03, BLOCKTYPE)
class Loop:
    """A sequence whose label lies at its beginning."""

    def check(c: Checker, block: BlockType) -> None:
        c.enter("loop", block)

    def step(m: Machine, block: BlockType) -> None:
        m.enter(block, loop=True)


@PROPOSAL.op("if", 0x04, BLOCKTYPE)
class If:
    """One of two sequences, by a condition."""

    def check(c: Checker, block: BlockType) -> None:
        c.block_type(block)  # its mistakes are told before those of the operands
        c.pop(I32)
        c.enter("if", block)

    def step(m: Machine, block: BlockType) -> None:
        if m.pop():
            m.enter(block)
        else:
            m.skip_to_else(block)


@PROPOSAL.op("else", 0x05)
class Else:
    """The second sequence of an `if`; run into, it ends the first."""

    def check(c: Checker) -> None:
        c.otherwise()

    def step(m: Machine) -> None:
        m.leave()


@PROPOSAL.op("end", 0x0B)
class End:
    """The end of a block."""

    def check(c: Checker) -> None:
        c.leave()

    def step(m: Machine) -> None:
        m.leave()


# ------------------------------------------------------------------ branches


@PROPOSAL.op("br", 0x0C, LABELIDX)
class Br:
    """Branch."""

    def check(c: Checker, label: int) -> None:
        c.pop_all(c.label(label))
        c.unreachable()

    def step(m: Machine, label: int) -> None:
        m.branch(label)


@PROPOSAL.op("br_if", 0x0D, LABELIDX)
class BrIf:
    """Branch where the condition is not zero."""

    def check(c: Checker, label: int) -> None:
        c.pop(I32)
        types = c.label(label)
        c.pop_all(types)
        c.push(*types)

    def step(m: Machine, label: int) -> None:
        if m.pop():
            m.branch(label)


def _values(count: int) -> str:
    return f"{count} value{'s' * (count != 1)}"


@PROPOSAL.op("br_table", 0x0E, LABELS)
class BrTable:
    """Branch to the label that the operand selects, the last one being the default."""

    def check(c: Checker, labels: tuple[int, ...]) -> None:
        c.pop(I32)
        arity = len(c.label(labels[-1]))
        for label in dict.fromkeys(labels):  # each distinct one once: tables can be long
            types = c.label(label)
            if len(types) != arity:
                raise c.fail(
                    f"type mismatch: label {label} of br_table takes {_values(len(types))}, "
                    f"the last one {_values(arity)}",
                    "all labels of a br_table take the same number of values",
                )
            c.peek_all(types)
        c.pop_all(c.label(labels[-1]))
        c.unreachable()

    def step(m: Machine, labels: tuple[int, ...]) -> None:
        m.branch(labels[min(m.pop(), len(labels) - 1)])


@PROPOSAL.op("return", 0x0F)
class Return:
    """Leave the function."""

    def check(c: Checker) -> None:
        c.pop_all(c.results())
        c.unreachable()

    def step(m: Machine) -> None:
        m.return_()


# ------------------------------------------------------------------ calls


@PROPOSAL.op("call", 0x10, FUNCIDX)
class Call:
    """Call a function."""

    def check(c: Checker, x: int) -> None:
        t = c.func(x).func
        c.pop_all(t.params)
        c.push(*t.results)

    def step(m: Machine, x: int) -> None:
        m.call(m.func(x))


def indirect_type(c: Checker, typeidx: int, tableidx: int) -> FuncType:
    """The type that an indirect call goes by; pops the index."""
    table = c.table(tableidx)
    if not c.matches(table.elem, FUNCREF):
        name, elem = c.name("table", tableidx), c.shown(table.elem)
        raise c.fail(f"type mismatch: table {name} holds {elem}, but functions are called")
    t = c.functype(typeidx)
    c.pop(table.addr)
    return t


def indirect_callee(m: Machine, typeidx: int, tableidx: int) -> object:
    """The function that an indirect call goes to."""
    i = m.pop()
    entries = m.table(tableidx).entries
    if i >= len(entries):
        raise m.trap("undefined element")
    func = entries[i]
    if func is None:
        raise m.trap(f"uninitialized element {i}")
    if not func.type.is_sub_of(m.deftype(typeidx)):
        raise m.trap("indirect call type mismatch")
    return func


@PROPOSAL.op("call_indirect", 0x11, TYPEUSE, TABLEIDX)
class CallIndirect:
    """Call the function in a table, which must be of the type."""

    def check(c: Checker, typeidx: int, tableidx: int) -> None:
        t = indirect_type(c, typeidx, tableidx)
        c.pop_all(t.params)
        c.push(*t.results)

    def step(m: Machine, typeidx: int, tableidx: int) -> None:
        m.call(indirect_callee(m, typeidx, tableidx))


def call_ref_type(c: Checker, typeidx: int | None) -> int | None:
    """The typeidx that a call through a reference goes by; pops the reference.

    Without an immediate (legacy dialect) it is the operand's; None where that is not reached.
    """
    if typeidx is not None:
        c.functype(typeidx)
        c.pop(RefType(True, c.deftype(typeidx)))
        return typeidx
    reference = c.pop()
    if reference is None:
        return None
    heap = reference.heap if isinstance(reference, RefType) else None
    if isinstance(heap, DefType) and isinstance(heap.comp, FuncType):
        return c.typeidx(heap)
    raise c.fail(
        "type mismatch: call_ref wants a reference to a function type, "
        f"but got {c.shown(reference)}",
        "say which type it has, as in call_ref $t; ref.cast makes such a reference of a funcref",
    )


def ref_callee(m: Machine) -> object:
    """The function that a call through a reference goes to."""
    func = m.pop()
    if func is None:
        raise m.trap("null function reference")
    return func


@PROPOSAL.op("call_ref", 0x14, TYPEIDX)
class CallRef:
    """Call the function that a reference refers to."""

    def check(c: Checker, typeidx: int | None) -> tuple[int] | None:
        found = call_ref_type(c, typeidx)
        if found is None:
            c.unreachable()
            return None
        c.pop_all(c.functype(found).params)
        c.push(*c.functype(found).results)
        return (found,) if typeidx is None else None

    def step(m: Machine, typeidx: int | None) -> None:
        m.call(ref_callee(m))


# ------------------------------------------------------------------ branches on null


@PROPOSAL.op("br_on_null", 0xD5, LABELIDX)
class BrOnNull:
    """Branch where the reference is null, else keep it as non-null."""

    def check(c: Checker, label: int) -> None:
        reference = c.pop_ref()
        types = c.label(label)
        c.pop_all(types)
        c.push(*types, RefType(False, reference.heap))

    def step(m: Machine, label: int) -> None:
        if m.stack[-1] is None:
            m.pop()
            m.branch(label)


@PROPOSAL.op("br_on_non_null", 0xD6, LABELIDX)
class BrOnNonNull:
    """Branch with the reference where it is not null, else drop it."""

    def check(c: Checker, label: int) -> None:
        types = c.label(label)
        if not types or not isinstance(types[-1], RefType):
            takes = f"ends in {c.shown(types[-1])}" if types else "takes nothing"
            raise c.fail(
                "type mismatch: br_on_non_null carries a reference, but its label takes none",
                f"the label {takes}; it must end in a reference type",
            )
        c.pop(RefType(True, types[-1].heap))
        c.pop_all(types[:-1])
        c.push(*types[:-1])

    def step(m: Machine, label: int) -> None:
        if m.stack[-1] is None:
            m.pop()
        else:
            m.branch(label)


PROPOSAL.explain({
    "unreachable": ("[t1*] -> [t2*]", "unreachable => trap unreachable"),
    "nop": ("[] -> []", "nop (i32.const 1) => i32 1"),
    "block": ("[t1*] -> [t2*], as its type says; a branch to its label carries t2*",
              "(block $out (result i32) (i32.const 1) (br $out) unreachable) => i32 1"),
    "loop": ("[t1*] -> [t2*], as its type says; a branch to its label carries t1*",
             "(local.set $x (i32.const 1)) (loop $again (local.set $x (i32.mul (local.get $x) "
             "(i32.const 3))) (br_if $again (i32.lt_u (local.get $x) (i32.const 20)))) "
             "(local.get $x) => i32 27"),
    "if": ("[t1* i32] -> [t2*], as its type says",
           "(if (result i32) (i32.const 0) (then (i32.const 1)) (else (i32.const 2))) => i32 2"),
    "else": ("[t2*] -> [t1*] of its `if`",
             "i32.const 0 if (result i32) i32.const 1 else i32.const 2 end => i32 2"),
    "end": ("[t2*] -> [t2*] of its block", "block (result i32) i32.const 1 end => i32 1"),
    "br": ("[t1* t*] -> [t2*], where the label carries t*",
           "(block $out (result i32) (br $out (i32.const 1))) => i32 1"),
    "br_if": ("[t* i32] -> [t*], where the label carries t*",
              "(block $out (result i32) (br_if $out (i32.const 1) (i32.const 7)) drop "
              "(i32.const 2)) => i32 1"),
    "br_table": ("[t1* t* i32] -> [t2*], where the labels carry t*",
                 "(block $a (block $b (block $c (br_table $a $b $c (i32.const 1))) "
                 "(return (i32.const 3))) (return (i32.const 2))) (i32.const 1) => i32 2"),
    "return": ("[t1* t*] -> [t2*], where the function gives t*",
               "(return (i32.const 1)) unreachable => i32 1"),
    "call": ("[t1*] -> [t2*], as the function's type says",
             "(call $double (i32.const 4)) => i32 8"),
    "call_indirect": ("[t1* at] -> [t2*], as the type says",
                      "(table.set $table (i32.const 2) (ref.func $double)) "
                      "(call_indirect $table (type $unary) (i32.const 4) (i32.const 2)) => i32 8"),
    "call_ref": ("[t1* (ref null x)] -> [t2*], as the type x says",
                 "(call_ref $unary (i32.const 4) (ref.func $double)) => i32 8"),
    "br_on_null": ("[t* (ref null ht)] -> [t* (ref ht)], where the label carries t*",
                   "(block $null (drop (br_on_null $null (ref.null any))) "
                   "(return (i32.const 2))) (i32.const 1) => i32 1"),
    "br_on_non_null": ("[t* (ref null ht)] -> [t*], where the label carries t* (ref ht)",
                       "(block $there (result (ref func)) (br_on_non_null $there "
                       "(ref.func $double)) (return (i32.const 2))) drop (i32.const 1) => i32 1"),
})  # fmt: skip
