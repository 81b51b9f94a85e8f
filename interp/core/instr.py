"""What an instruction is: its declaration (`Op`) and one use of it in code (`Instr`).

The declarations themselves are made in `interp.isa`, one file per family; here is only their form,
because the module IR is made of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeAlias

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.types import ValType

__all__ = ["BlockType", "Catch", "Expr", "Immediate", "Instr", "MemArg", "Op", "Reader", "Writer"]


class Reader(Protocol):
    """What an immediate needs to read its binary form (given by `parser.decode`)."""

    def byte(self) -> int: ...
    def u32(self) -> int: ...
    def u64(self) -> int: ...
    def s32(self) -> int: ...
    def s33(self) -> int: ...
    def s64(self) -> int: ...
    def bytes(self, count: int) -> bytes: ...
    def valtype(self) -> ValType: ...
    def reftype(self) -> Any: ...
    def heaptype(self) -> Any: ...
    def blocktype(self) -> BlockType: ...
    def fail(self, message: str) -> Exception: ...


class Writer(Protocol):
    """What an immediate needs to write its binary form (given by `parser.encode`)."""

    def byte(self, value: int) -> None: ...
    def u32(self, value: int) -> None: ...
    def u64(self, value: int) -> None: ...
    def s32(self, value: int) -> None: ...
    def s33(self, value: int) -> None: ...
    def s64(self, value: int) -> None: ...
    def bytes(self, data: bytes) -> None: ...
    def valtype(self, t: ValType) -> None: ...
    def reftype(self, t: Any) -> None: ...
    def heaptype(self, t: Any) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Immediate:
    """A kind of immediate: how it looks in text, and its binary form.

    `space` names the index space of an index ("func", "local", "label", …), else None.
    `optional` says that the text may leave it out, meaning index 0.
    """

    name: str
    read: Callable[[Reader], Any]
    write: Callable[[Writer, Any], None]
    space: str | None = None
    optional: bool = False

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Op:
    """The one declaration of an instruction.

    `check(checker, *immediates)` types it (see `isa.protocols.Checker`) and may return new
    immediates; `step(machine, *immediates)` runs it (`isa.protocols.Machine`).
    `opcode` is a byte, or a prefix byte and a number. `constant` ops may stand in constant
    expressions. Two ops may share a `mnemonic` (`select` with and without types).
    """

    mnemonic: str
    opcode: tuple[int, ...]
    immediates: tuple[Immediate, ...] = ()
    check: Callable[..., tuple[Any, ...] | None]
    step: Callable[..., None]
    doc: str = ""
    signature: str = ""
    pure: Callable[..., Any] | None = None
    constant: bool = False
    proposal: str = "wasm"
    data: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Op {self.mnemonic}>"


@dataclass(frozen=True, slots=True)
class MemArg:
    """The immediate of loads and stores: memidx, static offset, alignment as a power of two."""

    mem: int = 0
    offset: int = 0
    align: int = 0


class Catch(NamedTuple):
    """A catch clause of `try_table`: a tag (None: all of them), a label, and with the reference?"""

    tag: int | None
    label: int
    ref: bool = False

    @property
    def mnemonic(self) -> str:
        """The clause's keyword.

        >>> Catch(None, 0, ref=True).mnemonic
        'catch_all_ref'
        """
        return f"catch{'' if self.tag is not None else '_all'}{'_ref' if self.ref else ''}"


BlockType: TypeAlias = "ValType | int | None"
"""No type, one result, or a typeidx."""


@dataclass(slots=True)
class Instr:
    """One instruction in code: its op, its immediates, and the offset where it stands."""

    op: Op
    args: tuple[Any, ...] = ()
    at: int = 0

    def __repr__(self) -> str:
        return " ".join([self.op.mnemonic, *map(str, self.args)])


Expr: TypeAlias = list[Instr]
"""Flat code: block, loop, if, else and end are instructions; the last `end` is left out."""
