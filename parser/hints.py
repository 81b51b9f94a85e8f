"""Branch hints in the binary format: the custom section `metadata.code.branch_hint`, both ways.

It says of `if` and `br_if`, by their offsets in the code of a function, whether they are likely
taken (https://github.com/WebAssembly/branch-hinting). As offsets depend on how code is written,
a `Module` keeps hints by the number of the instruction.
"""

from __future__ import annotations

from collections.abc import Iterable

from watloom.interp.core.errors import MalformedError
from watloom.interp.core.module import Custom, Func, Hints, Module
from watloom.parser.decode_bytes import ByteReader
from watloom.parser.encode_code import CodeWriter

__all__ = ["HINTED", "HINTS", "adopt_hints", "is_marker", "write_hints"]

#: The name of the section, and of the annotation.
HINTS = "metadata.code.branch_hint"

#: What a hint may be given to.
HINTED = ("if", "br_if")


def adopt_hints(module: Module, sections: list[int]) -> None:
    """Take the hints of a decoded module, written in these sections, out of its custom ones.

    What is malformed means nothing and stays as it is; so does what does not stand right before the
    code section, where our own is written.
    """
    if 10 not in sections:
        return
    before = [0, *sections][sections.index(10)]
    for custom in reversed(module.customs):
        if custom.name == HINTS and custom.after == before:
            module.hints = _read(custom.data, module) or {}
            if module.hints:
                custom.data = b""
                return


def is_marker(custom: Custom, module: Module) -> bool:
    """Whether a custom section only marks the place of the module's hints."""
    return custom.name == HINTS and not custom.data and bool(module.hints)


def _read(data: bytes, module: Module) -> dict[int, Hints] | None:
    r = ByteReader(data, 0, len(data))
    found: dict[int, Hints] = {}
    first = module.first_func
    try:
        for _ in range(r.count("functions with hints")):
            index = r.u32()
            if not first <= index < first + len(module.funcs) or index <= next(reversed(found), -1):
                return None
            hints = _read_function(r, module.funcs[index - first])
            if hints is None:
                return None
            found[index] = hints
    except MalformedError:
        return None
    return found if r.pos == r.end else None


def _read_function(r: ByteReader, func: Func) -> Hints | None:
    """The hints of a function by the number of the instruction."""
    numbers = {instr.at - func.at: n for n, instr in enumerate(func.body)}
    hints: Hints = {}
    for _ in range(r.count("hints")):
        number = numbers.get(r.u32())
        size, value = r.byte(), r.byte()
        if number is None or func.body[number].op.mnemonic not in HINTED:
            return None
        if size != 1 or value > 1 or number <= next(reversed(hints), -1):
            return None
        hints[number] = value == 1
    return hints or None


def write_hints(module: Module) -> bytes:
    """The content of the section."""
    w = CodeWriter()
    w.u32(len(module.hints))
    for index, hints in sorted(module.hints.items()):
        w.u32(index)
        w.u32(len(hints))
        numbers = sorted(hints)
        for number, offset in zip(numbers, _offsets(module, index, numbers), strict=True):
            w.u32(offset)
            w.bytes(bytes((1, hints[number])))
    return w.done()


def _offsets(module: Module, index: int, numbers: Iterable[int]) -> list[int]:
    """Where the instructions of a function stand, counted from the beginning of its locals."""
    func = module.funcs[index - module.first_func]
    w = CodeWriter()
    w.locals(func)
    done = 0
    found = []
    for number in numbers:
        w.code(func.body[done:number])
        done = number
        found.append(len(w.out))
    return found
