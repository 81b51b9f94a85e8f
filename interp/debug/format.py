"""Values, instructions and places as a person reads them: in the text format's own words.

4294967295 of i32        -1
nan with a payload       nan:0x200000
a struct of type $fd     (ref $fd #2)        the second of its type that was shown
local.get 0              local.get $n
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from watloom.interp.core.instr import BlockType, Catch, MemArg
from watloom.interp.core.module import Kind
from watloom.interp.core.numerics.bits import f32_to_bits, f64_to_bits
from watloom.interp.core.numerics.integers import signed
from watloom.interp.core.numerics.simd import shown
from watloom.interp.core.source import Source
from watloom.interp.core.types import (
    F32,
    I32,
    I64,
    V128,
    ArrayType,
    DefType,
    NumType,
    PackType,
    RefType,
    StructType,
    TypeIdx,
    ValType,
)
from watloom.interp.isa.immediates import BLOCKTYPE, CATCHES, OUTERLABEL
from watloom.interp.machine import Frame, Label
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.values import I31, ArrayInst, ExnInst, FuncInst, StructInst
from watloom.interp.validate import ValidFunc

__all__ = [
    "Namer",
    "References",
    "end_of",
    "field_type",
    "identifier",
    "place",
    "printable",
    "show_instr",
    "show_number",
]

#: Control characters, which a name or a data segment may hold, as visible ones.
_VISIBLE = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"
} | {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def printable(text: str) -> str:
    r"""The text without what would steer a terminal.

    >>> print(printable("a\x1b[31m"))
    a\x1b[31m
    """
    return text.translate(_VISIBLE)


def identifier(name: str) -> str:
    """A name as the text format's identifier."""
    plain = name and all(c.isascii() and c.isprintable() and c not in ' ",;()[]{}' for c in name)
    return f"${name}" if plain else f'$"{printable(name)}"'


def place(source: Source, offset: int) -> str:
    """`FILE:LINE:COL`, the file without its folders."""
    name = source.name.replace("\\", "/").rpartition("/")[2]
    if source.text is None:
        return f"{name}:@0x{offset:x}"
    line, column = source.position(offset)
    return f"{name}:{line}:{column}"


def end_of(frame: Frame) -> int:
    """The offset where a frame's function ends."""
    if frame.func is None:
        return 0
    own = frame.module.valid.module.funcs
    imported = len(frame.module.valid.func_types) - len(own)
    return own[frame.func.code.index - imported].end


# ------------------------------------------------------------------ values


def show_number(value: float, t: NumType | None) -> str:
    """A number of a type; of integers the signed one, of a NaN its payload.

    >>> show_number(0xffffffff, I32), show_number(0.1, F32), show_number(float("nan"), F32)
    ('-1', '0.1', 'nan')
    """
    if t is V128:
        return shown(int(value))
    if isinstance(value, int):
        return str(signed(32 if t is I32 else 64, value) if t in (I32, I64) else value)
    if not math.isnan(value):
        return repr(value)
    if t is F32:
        bits, width = f32_to_bits(value), 23
    else:
        bits, width = f64_to_bits(value), 52
    payload = bits & ((1 << width) - 1)
    sign = "-" if math.copysign(1, value) < 0 else ""
    return f"{sign}nan" if payload == 1 << (width - 1) else f"{sign}nan:{payload:#x}"


class References:
    """Shows values; numbers references by when they were first shown, since addresses vary."""

    def __init__(self) -> None:
        self._numbers: dict[int, tuple[int, Any]] = {}
        self._counts: dict[str, int] = {}

    def show(self, value: Any, t: ValType | None = None, namer: Namer | None = None) -> str:
        """A value of a type; `namer` knows the names of types."""
        if isinstance(value, int | float):
            return show_number(value, t if isinstance(t, NumType) else None)
        if value is None:
            return "(ref null)"
        if isinstance(value, I31):
            return f"(ref i31 {signed(31, value.value)})"
        if isinstance(value, FuncInst):
            return f"(ref func {identifier(value.name)})"
        if isinstance(value, StructInst | ArrayInst):
            names = map(namer.deftype, reversed(value.type.ancestors)) if namer else ()
            # a host's struct may have a type that only its supertype's importers know
            kind = next(filter(None, names), None)
            kind = kind or ("struct" if isinstance(value, StructInst) else "array")
        elif isinstance(value, ExnInst):
            kind = "exn"
        else:
            kind = "host"
        return f"(ref {kind} #{self._number(kind, value)})"

    def all(
        self,
        values: Sequence[Any],
        types: Sequence[ValType | None],
        namer: Namer | None = None,
    ) -> list[str]:
        """Several values with their types."""
        return [self.show(v, t, namer) for v, t in zip(values, types, strict=True)]

    def _number(self, kind: str, value: Any) -> int:
        thing = getattr(value, "object", value)  # the host's object: HostRefs come and go
        if id(thing) not in self._numbers:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._numbers[id(thing)] = self._counts[kind], thing  # held, so that no id is reused
        return self._numbers[id(thing)][0]


def field_type(t: DefType, i: int) -> ValType | None:
    """The type of a struct's field or an array's element; None for a packed one."""
    if isinstance(t.comp, StructType):
        storage = t.comp.fields[i].storage
    else:
        assert isinstance(t.comp, ArrayType)
        storage = t.comp.field.storage
    return None if isinstance(storage, PackType) else storage


# ------------------------------------------------------------------ names


class Namer:
    """The names of a module's items: `$name` where there is one, else the index."""

    def __init__(self, module: ModuleInst) -> None:
        self.module = module
        self.names = module.valid.module.names
        self._blocks: dict[int, list[int]] = {}

    def index(self, space: str, index: int) -> str:
        """An index into one of the module's spaces."""
        if space == "elem":
            name = self.names.elems.get(index)
        elif space == "data":
            name = self.names.datas.get(index)
        else:
            name = self.names.of(Kind(space), index)
        return str(index) if name is None else identifier(name)

    def item(self, space: str, index: int) -> str:
        """A memory or table: the first one, if it has no name, just by its kind."""
        shown = self.index(space, index)
        return space if shown == "0" else f"{space} {shown}"

    def local(self, func: ValidFunc, index: int) -> str:
        """A local of a function."""
        name = self.names.locals.get(func.index, {}).get(index)
        return str(index) if name is None else identifier(name)

    def label(self, func: ValidFunc, labels: Sequence[Label], depth: int) -> str:
        """A label, by the open ones of a frame."""
        name = self.block(func, labels[-1 - depth].block) if depth < len(labels) else None
        return str(depth) if name is None else name

    def block(self, func: ValidFunc, pc: int) -> str | None:
        """The label of the block that begins at `pc`; blocks are numbered as they begin."""
        named = self.names.labels.get(func.index)
        if not named:
            return None
        if func.index not in self._blocks:
            code = enumerate(func.body.code)
            begins = [i for i, instr in code if BLOCKTYPE in instr.op.immediates]
            self._blocks[func.index] = begins
        name = named.get(bisect_left(self._blocks[func.index], pc))
        return None if name is None else identifier(name)

    def field(self, t: DefType, index: int) -> str:
        """A field of a struct type, an element of an array type."""
        for i, fields in self.names.fields.items():
            if self.module.valid.types[i] is t and index in fields:
                return identifier(fields[index])
        return str(index)

    def deftype(self, t: DefType) -> str | None:
        """The name that the module has for a type."""
        for i, name in self.names.spaces.get(Kind.TYPE, {}).items():
            if self.module.valid.types[i] is t:
                return identifier(name)
        return None

    def type(self, t: ValType) -> str:
        """A value type."""
        if isinstance(t, RefType) and isinstance(t.heap, TypeIdx | DefType):
            return f"(ref {'null ' if t.nullable else ''}{self.heap(t.heap)})"
        return str(t)

    def heap(self, heap: Any) -> str:
        """A heap type."""
        if isinstance(heap, TypeIdx):
            return self.index("type", heap.index)
        return (self.deftype(heap) if isinstance(heap, DefType) else None) or str(heap)


# ------------------------------------------------------------------ instructions


def show_instr(frame: Frame, pc: int, namer: Namer) -> str:
    """The instruction of a frame at `pc`, with names where they are known."""
    if pc >= len(frame.code):
        return "end"
    instr, labels = frame.code[pc], frame.labels
    func = frame.func.code if frame.func else None
    parts = [instr.op.mnemonic]
    pairs = list(zip(instr.op.immediates, instr.args, strict=False))
    default = not any(value for im, value in pairs if im.space in ("table", "memory"))
    for immediate, value in pairs:
        if immediate.space == "label" and func is not None:
            around = labels[:-1] if immediate is OUTERLABEL else labels
            parts += _labels(value, namer, func, around)
        elif immediate.space == "local" and func is not None:
            parts.append(namer.local(func, value))
        elif immediate.space == "field":
            t = namer.module.valid.types[instr.args[0]]
            parts.append(namer.field(t, value) if isinstance(t, DefType) else str(value))
        elif immediate.space == "memory" and isinstance(value, MemArg):
            parts += [namer.index("memory", value.mem)] if value.mem else []
            parts += [f"offset={value.offset}"] if value.offset else []
        elif immediate is BLOCKTYPE:
            label = namer.block(func, pc) if func is not None else None
            parts += [label] if label else []
            parts += _blocktype(value, namer)
        elif immediate is CATCHES and func is not None:
            parts += [_catch(catch, namer, func, labels) for catch in value]
        elif immediate.name == "typeuse":
            parts.append(f"(type {namer.index('type', value)})")
        elif immediate.space in ("table", "memory") and default:
            pass  # the text leaves out the first table and memory
        elif immediate.space is not None and value is not None:
            parts.append(namer.index(immediate.space, value))
        else:
            parts += _plain(immediate.name, value, namer, bool(instr.op.data.get("null")))
    return " ".join(parts)


def _labels(value: Any, namer: Namer, func: ValidFunc, labels: Sequence[Label]) -> list[str]:
    """One label, those of br_table, or the label and types of br_on_cast."""
    if isinstance(value, int):
        return [namer.label(func, labels, value)]
    if all(isinstance(depth, int) for depth in value):
        return [namer.label(func, labels, depth) for depth in value]
    depth, source, target = value
    return [namer.label(func, labels, depth), namer.type(source), namer.type(target)]


def _catch(catch: Catch, namer: Namer, func: ValidFunc, labels: Sequence[Label]) -> str:
    tag = "" if catch.tag is None else f" {namer.index('tag', catch.tag)}"
    return f"({catch.mnemonic}{tag} {namer.label(func, labels, catch.label)})"


def _plain(kind: str, value: Any, namer: Namer, nullable: bool) -> list[str]:
    """An immediate that is no index: a constant, a type."""
    match kind:
        case "i32" | "i64" | "f32" | "f64" | "v128":
            return [show_number(value, NumType(kind))]
        case "laneidx*":
            return [str(lane) for lane in value]
        case "heaptype":
            return [namer.heap(value)]
        case "reftype":
            return [namer.type(RefType(nullable, value))]
        case "valtype*":
            return [f"(result {' '.join(map(namer.type, value))})"]
    return [] if value is None else [str(value)]


def _blocktype(value: BlockType, namer: Namer) -> list[str]:
    if isinstance(value, int):
        return [f"(type {namer.index('type', value)})"]
    return [] if value is None else [f"(result {namer.type(value)})"]
