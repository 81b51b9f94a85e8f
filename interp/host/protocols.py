"""What a user's own type offers, to be an annotation: shapes, which need no base class."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, TypeVar

from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.values import Caller

__all__ = ["Object", "Param", "Result"]

P = TypeVar("P", covariant=True)


class Param(Protocol[P]):
    """A type that can be a parameter, of the core types in `wasm_params` ("i32 i32")."""

    wasm_params: ClassVar[str]

    @classmethod
    def from_wasm(cls, caller: Caller, /, *slots: Any) -> P:
        """The value of the slots: integers unsigned, `caller.memory` at hand."""
        ...


class Result(Protocol):
    """A type that can be a result, of the core types in `wasm_results`."""

    wasm_results: ClassVar[str]

    def to_wasm(self) -> Any:
        """The slots: one number, or a tuple of several."""
        ...


class Object(Protocol[P]):
    """A type with a form in memory: it may stand behind a Ptr, in a List, in a struct.

    `wasm_size` is its bytes; `wasm_align`, 1 where there is none, its alignment. An address that
    `load` and `store` are given has all of those bytes in memory.
    """

    wasm_size: ClassVar[int]

    @classmethod
    def load(cls, memory: Memory, address: int, /) -> P:
        """The value at an address."""
        ...

    def store(self, memory: Memory, address: int, /) -> None:
        """Put it at an address."""
        ...
