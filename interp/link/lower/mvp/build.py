"""A module that grows while it is lowered: what passes add to it, each thing once.

    build.type(FuncType((I32,), ()))    the typeidx of that type
    build.func(t, locals, body, name)   a new function behind all others: its funcidx
    build.helper("alloc")               the funcidx of a function of the `.wat` files here
    build.heap                          the heap, made when somebody first asks

Indices of what was there stay: everything new goes to the end of its space.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from watloom.interp.core.features import WASM3
from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import Func, FuncDesc, Global, Kind, Local, Module, RecGroup, Start
from watloom.interp.core.types import (
    FuncType,
    GlobalType,
    MemType,
    NumType,
    SubType,
    ValType,
)
from watloom.interp.isa import op_table
from watloom.interp.link.lower.mvp.heap import Heap
from watloom.interp.link.lower.mvp.helpers import HEAP, HELPERS, Helper
from watloom.parser.remap import Remap

__all__ = ["Build", "op"]

_OPS = op_table(WASM3).by_mnemonic


def op(mnemonic: str, *args: Any) -> Instr:
    """An instruction; of several with that mnemonic the first."""
    return Instr(_OPS[mnemonic][0], args)


@dataclass(eq=False)
class Build:
    """See the module's text. Function types are all the types that it has."""

    module: Module
    types: dict[FuncType, int] = field(default_factory=dict)
    boot: list[Expr] = field(default_factory=list)
    """What is run before the start function, in this order."""
    globals: dict[object, int] = field(default_factory=dict)
    """Globals that were made, by what they are for."""
    helpers: dict[tuple[str, int], int] = field(default_factory=dict)
    segments: dict[int, int] = field(default_factory=dict)
    """The data segments that lie in the heap."""

    def __post_init__(self) -> None:
        imports = [i.desc for i in self.module.imports]
        self.first_func = sum(isinstance(desc, FuncDesc) for desc in imports)
        self.first_global = sum(isinstance(desc, GlobalType) for desc in imports)
        self.first_memory = sum(isinstance(desc, MemType) for desc in imports)

    def type(self, t: FuncType) -> int:
        """The typeidx of a function type."""
        return self.types.setdefault(t, len(self.types))

    def func(self, t: FuncType, locals_: list[ValType], body: Expr, name: str = "") -> int:
        """A new function; gives its funcidx."""
        made = Func(self.type(t), [Local(local) for local in locals_], body)
        self.module.funcs.append(made)
        index = self.first_func + len(self.module.funcs) - 1
        if name:
            self.module.names.spaces.setdefault(Kind.FUNC, {})[index] = name
        return index

    def global_(self, key: object, t: NumType, init: int = 0, name: str = "") -> int:
        """The globalidx of a mutable global for a purpose, made when first asked for."""
        if key not in self.globals:
            self.module.globals.append(Global(GlobalType(t, True), [op(f"{t}.const", init)]))
            index = self.first_global + len(self.module.globals) - 1
            self.globals[key] = index
            if name:
                self.module.names.spaces.setdefault(Kind.GLOBAL, {})[index] = name
        return self.globals[key]

    @cached_property
    def heap(self) -> Heap:
        """The heap: a memory behind those that there are."""
        return Heap(self.first_memory + len(self.module.memories))

    @property
    def has_heap(self) -> bool:
        """Whether anything needs one."""
        return "heap" in self.__dict__

    # -------------------------------------------------------------- functions written in WAT

    def helper(self, name: str, memory: int = 0) -> int:
        """A function of `helpers`; `memory` is what is to stand for its `$user`."""
        found = self.helpers.get((name, memory))
        if found is None:
            helper = HELPERS()[name]
            index = self.func(helper.type, helper.locals, [], name)
            self.helpers[name, memory] = found = index
            self.module.funcs[index - self.first_func].body = self._spliced(helper, memory)
        return found

    def call(self, name: str, memory: int = 0) -> Instr:
        """A call of one."""
        return op("call", self.helper(name, memory))

    def _spliced(self, helper: Helper, memory: int) -> Expr:
        def index(space: str, i: int) -> int:
            if space == "func":
                return self.helper(helper.home.functions[i], memory)
            if space == "memory":
                return self.heap.index if i == HEAP else memory
            assert space == "global"
            name, t = helper.home.globals[i]
            return self.global_(name, t, name=name)

        return Remap(index, lambda heap: heap).expr(helper.body)

    def segment(self, data: int) -> int:
        """Where the heap tells of a data segment: how many bytes, and where they are."""
        if data not in self.segments:
            self.segments[data] = self.heap.words(0, 0)
        return self.segments[data]

    # -------------------------------------------------------------- the end

    def finish(self) -> None:
        """Give the module its heap, and what it does first."""
        module = self.module
        if self.has_heap:
            memory, data = self.heap.finish()
            module.memories.append(memory)
            if data.init:
                module.datas.append(data)
            if "top" in self.globals:
                top = module.globals[self.globals["top"] - self.first_global]
                top.init = [op("i32.const", self.heap.top)]
        if self.boot:
            body = [instr for code in self.boot for instr in code]
            if module.start is not None:
                body.append(op("call", module.start.func))
            module.start = Start(self.func(FuncType(), [], body, "boot"))

    def define_types(self) -> None:
        """Give the module its types."""
        groups = [RecGroup((SubType(t),), 0, (0,)) for t in self.types]
        self.module.definitions = [*groups, *self.module.imports]
