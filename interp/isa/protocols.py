"""What the instructions' rules may ask of the validator and of the reference machine.

`isa` is a leaf: the validator (`interp.validate.checker`) and the machine (`interp.machine`)
implement these, and no instruction knows more of them.
"""

from __future__ import annotations

from typing import Any, Protocol

from watloom.interp.core.instr import BlockType, Catch, MemArg
from watloom.interp.core.types import (
    CompType,
    DefType,
    FuncType,
    GlobalType,
    HeapType,
    MemType,
    RefType,
    StorageType,
    TableType,
    ValType,
)

__all__ = ["Checker", "Machine"]


class Checker(Protocol):
    """The validator of one function body: an operand stack and a control stack of types.

    Follows the spec's algorithm (https://webassembly.github.io/spec/core/appendix/algorithm.html).
    All types are closed. Looking up an index that does not exist raises "unknown …".
    """

    legacy: bool

    def push(self, *types: ValType) -> None:
        """Push operands."""

    def pop(self, want: ValType | None = None) -> ValType | None:
        """Pop an operand that matches; None comes back for any type in unreachable code."""

    def push_unknown(self) -> None:
        """Push an operand of any type (only in unreachable code)."""

    def pop_all(self, types: tuple[ValType, ...]) -> None:
        """Pop operands, the last type first."""

    def pop_many(self, count: int, want: ValType) -> None:
        """Pop so many operands of one type, in no more steps than there are operands."""

    def peek_all(self, types: tuple[ValType, ...]) -> None:
        """Check operands as `pop_all` does, and leave them."""

    def matches(self, sub: ValType, sup: ValType) -> bool:
        """Subtyping."""

    def closed(self, t: ValType) -> ValType:
        """A value type of the module with its TypeIdx resolved."""

    def pop_ref(self) -> RefType:
        """Pop a reference of any type."""

    def block_type(self, block: BlockType) -> tuple[tuple[ValType, ...], tuple[ValType, ...]]:
        """The parameters and results of a block type."""

    def enter(self, kind: str, block: BlockType) -> None:
        """Open a block: its parameters are popped, and pushed inside."""

    def leave(self) -> None:
        """`end`."""

    def otherwise(self) -> None:
        """`else`."""

    def handler(self, kind: str, tag: int | None, params: tuple[ValType, ...]) -> None:
        """End what comes before in a `try`, and begin a handler for a tag (None: for all)."""

    def delegate(self, label: int) -> None:
        """End a `try` whose exceptions go to a label, which counts outside of it."""

    def catches(self, depth: int) -> bool:
        """Whether a label is that of a `try` in one of whose handlers this stands."""

    def unreachable(self) -> None:
        """What follows is not reached."""

    def label(self, depth: int) -> tuple[ValType, ...]:
        """The types that a branch to a label carries."""

    def results(self) -> tuple[ValType, ...]:
        """The results of the function."""

    def local(self, x: int) -> ValType: ...
    def get_local(self, x: int) -> ValType:
        """The type of a local that must have been set."""

    def set_local(self, x: int) -> ValType:
        """The type of a local, which is set from here on."""

    def global_(self, x: int) -> GlobalType: ...
    def func(self, x: int) -> DefType: ...
    def declared(self, x: int) -> None:
        """A function used by ref.func must occur outside of function bodies."""

    def table(self, x: int) -> TableType: ...
    def memory(self, x: int) -> MemType: ...
    def tag(self, x: int) -> FuncType: ...
    def elem(self, x: int) -> RefType: ...
    def data(self, x: int) -> None: ...
    def deftype(self, x: int) -> DefType:
        """The type at a typeidx."""

    def functype(self, x: int) -> FuncType: ...
    def typeidx(self, t: DefType) -> int:
        """The first typeidx of a type of this module."""

    def comp(self, x: int) -> CompType: ...
    def close(self, heap: HeapType) -> HeapType:
        """A heap type with its TypeIdx resolved."""

    def name(self, kind: str, index: int, owner: int | None = None) -> str:
        """What messages call an item, `$name` or its index; `owner` is the type of a field."""

    def shown(self, t: StorageType | FuncType) -> str:
        """A closed type, as messages show it."""

    def fail(self, text: str, help: str | None = None) -> Exception:
        """An InvalidError at this instruction, its text starting with the spec's words."""


class Machine(Protocol):
    """The reference machine, seen by the steps: operand stack, current frame, and the store.

    Indices are the current module instance's. What `step` may not do here is recurse in Python.
    """

    stack: list[Any]

    def push(self, value: Any) -> None: ...
    def pop(self) -> Any: ...
    def pop_many(self, count: int) -> list[Any]:
        """Pop operands, in the order they were pushed."""

    def trap(self, text: str) -> Exception:
        """A trap at this instruction."""

    @property
    def locals(self) -> list[Any]: ...

    def enter(
        self, block: BlockType, *, loop: bool = False, catches: tuple[Catch, ...] = ()
    ) -> None:
        """Push the label of the block that begins here; `catches` are tried while it is open."""

    def skip_to_else(self, block: BlockType) -> None:
        """`if` with a false condition: go on behind `else`, or behind `end` without a label."""

    def leave(self) -> None:
        """`end`, or an `else` that is run into: drop the innermost label and go on behind `end`."""

    def branch(self, depth: int) -> None:
        """Branch to a label."""

    def return_(self) -> None: ...
    def enter_try(self, block: BlockType) -> None:
        """Push the label of the `try` that begins here, with its handlers."""

    def caught_at(self, depth: int) -> Any:
        """The exception that the handler of a label has caught."""

    def exception(self, tag: Any) -> Any:
        """An exception with the tag's values, which are popped."""

    def throw(self, exception: Any) -> None:
        """Go to the innermost handler that catches an exception, else raise it."""

    def call(self, func: Any) -> None:
        """Call a function instance with the arguments on the stack."""

    def tail_call(self, func: Any) -> None: ...
    def func(self, x: int) -> Any: ...
    def table(self, x: int) -> Any: ...
    def memory(self, x: int) -> Any: ...
    def global_(self, x: int) -> Any: ...
    def set_global(self, x: int, value: Any) -> None: ...
    def tag(self, x: int) -> Any: ...
    def elem(self, x: int) -> list[Any]:
        """The references of an element segment; empty once dropped."""

    def drop_elem(self, x: int) -> None: ...
    def data(self, x: int) -> bytes: ...
    def drop_data(self, x: int) -> None: ...
    def deftype(self, x: int) -> DefType: ...
    def has_type(self, ref: Any, t: RefType) -> bool:
        """Whether a reference is of a type (its TypeIdx resolved in this module)."""

    def bind(self, func: Any, values: list[Any], deftype: DefType) -> Any:
        """A function reference with its leading arguments bound."""

    # ---- memory and the heap: every change goes through these, so that it can be observed

    def load_bytes(self, memarg: MemArg, address: int, size: int) -> bytes:
        """Bytes of a memory; traps outside of it."""

    def store_bytes(self, memarg: MemArg, address: int, data: bytes) -> None:
        """Set bytes of a memory; traps outside of it."""

    def write(self, memory: Any, start: int, data: bytes) -> None:
        """Set bytes, the bounds having been checked."""

    def wait(
        self, memory: Any, address: int, size: int, expected: int, nanoseconds: int | None
    ) -> int:
        """Wait at an address of a shared memory: 0 notified, 1 not as expected, 2 timed out."""

    def write_table(self, table: Any, start: int, values: list[Any]) -> None:
        """Set entries, the bounds having been checked."""

    def write_field(self, ref: Any, i: int, value: Any) -> None:
        """Set a field of a struct or an element of an array."""

    def struct(self, deftype: DefType, fields: list[Any]) -> Any: ...
    def array(self, deftype: DefType, count_or_values: int | list[Any], value: Any = None) -> Any:
        """A new array of these values, or of a count of one value."""

    def i31(self, value: int) -> Any: ...
