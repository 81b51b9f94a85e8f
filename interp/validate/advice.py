"""What to do about an operand of the wrong type: which instruction makes the wanted one of it."""

from __future__ import annotations

from watloom.interp.core.instr import Op
from watloom.interp.core.matching import matches_heap
from watloom.interp.core.types import NumType, RefType, ValType
from watloom.interp.isa import conversion

__all__ = ["article", "convert", "takes"]


def convert(have: ValType, want: ValType, shown: str) -> str | None:
    """How one type becomes the other; `shown` is the wanted one in words.

    >>> from watloom.interp.core.types import I32, I64, FUNCREF
    >>> convert(I32, I64, "i64")
    'i64.extend_i32_s or i64.extend_i32_u makes an i64 of an i32'
    >>> convert(FUNCREF, I32, "i32")
    """
    if isinstance(have, NumType) and isinstance(want, NumType):
        signature = f"{have} -> {want}"
        found = [op.mnemonic for op in conversion.PROPOSAL.ops if op.signature == signature]
        by_value = [m for m in found if "reinterpret" not in m and "_sat_" not in m]
        words = " or ".join(by_value or found)
        return f"{words} makes {article(str(want))} of {article(str(have))}" if words else None
    if isinstance(have, RefType) and isinstance(want, RefType):
        if matches_heap(have.heap, want.heap):
            return "the reference may be null: ref.as_non_null makes it one that is not, or traps"
        if matches_heap(want.heap, have.heap):
            return f"ref.cast {shown} makes it one, or traps"
    return None


def article(word: str) -> str:
    """A type with "a" or "an".

    >>> article("i32"), article("f32"), article("(ref $t)")
    ('an i32', 'an f32', 'a (ref $t)')
    """
    return f"an {word}" if word[0] in "aeif" and word != "funcref" else f"a {word}"


def takes(op: Op) -> str | None:
    """What an instruction with a fixed signature does to the stack.

    >>> takes(conversion.PROPOSAL.ops[0])
    'i32.wrap_i64 takes i64 and gives i32'
    """
    before, _, after = op.signature.partition("->")
    if not before.strip() or not after.strip():
        return None
    return f"{op.mnemonic} takes {before.strip()} and gives {after.strip()}"
