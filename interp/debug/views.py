"""What a person looks at while a machine stands: call stack, operands, locals, memory, source.

Each view gives lines of text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watloom.interp.core.source import Span
from watloom.interp.core.types import RefType
from watloom.interp.debug.debugger import Session
from watloom.interp.debug.effects import Effects
from watloom.interp.debug.format import (
    Namer,
    References,
    end_of,
    field_type,
    place,
    show_instr,
)
from watloom.interp.debug.places import PlaceError
from watloom.interp.machine import Frame
from watloom.interp.runtime.values import ArrayInst, StructInst

__all__ = ["Views"]

_SHOWN_FRAMES = 20


class Views:
    """The views of a session; references keep their numbers from one to the next."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._references = References()

    # ------------------------------------------------------------------ where it stands

    def here(self) -> Iterator[str]:
        """The place with its source line, as after each command."""
        frames = self.session.machine.frames
        if not frames:
            return
        frame = frames[-1]
        yield f"step {self.session.position}: in {frame.name} at {self._place(frame)}"
        yield from self._excerpt(frame)

    def where(self) -> Iterator[str]:
        """The call stack, the innermost frame first, each with its source line."""
        frames = self.session.machine.frames
        skipped = range(_SHOWN_FRAMES // 2, len(frames) - _SHOWN_FRAMES // 2)
        for number, frame in enumerate(reversed(frames)):
            if number in skipped:
                if number == skipped[0]:
                    yield f"… {len(skipped)} frames …"
                continue
            yield f"#{number} {frame.name} at {self._place(frame)}"
            yield from self._excerpt(frame)

    def _offset(self, frame: Frame) -> int:
        pc = self.session.pc(frame)
        return frame.code[pc].at if pc < len(frame.code) else end_of(frame)

    def _place(self, frame: Frame) -> str:
        return place(frame.module.valid.module.source, self._offset(frame))

    def _excerpt(self, frame: Frame) -> Iterator[str]:
        source = frame.module.valid.module.source
        if source.text is None:
            yield f"    | {self._instr(frame, self.session.pc(frame))}"
        else:
            yield from source.excerpt(Span(self._offset(frame))).splitlines()

    def _instr(self, frame: Frame, pc: int) -> str:
        return show_instr(frame, pc, Namer(frame.module))

    def source(self, around: int = 5) -> Iterator[str]:
        """The lines round the place; of a binary, the instructions."""
        frame = self._frame(0)
        text = frame.module.valid.module.source
        if text.text is None:
            here = self.session.pc(frame)
            for pc in range(max(here - around, 0), min(here + around, len(frame.code)) + 1):
                at = frame.code[pc].at if pc < len(frame.code) else end_of(frame)
                yield f"{'>' if pc == here else ' '} @0x{at:04x}  {self._instr(frame, pc)}"
            return
        line = text.position(self._offset(frame))[0]
        last = text.text.count("\n") + (not text.text.endswith("\n"))
        for number in range(max(line - around, 1), min(line + around, last) + 1):
            yield f"{'>' if number == line else ' '} {number:>4} | {text.line(number)}"

    # ------------------------------------------------------------------ values

    def stack(self) -> Iterator[str]:
        """The operand stack, the top first, by frames."""
        machine = self.session.machine
        self._frame(0)
        heights = [*(frame.height for frame in machine.frames[1:]), len(machine.stack)]
        if not machine.stack:
            yield "the operand stack is empty"
        for frame, top in reversed(list(zip(machine.frames, heights, strict=True))):
            values = machine.stack[frame.height : top]
            if not values:
                continue
            yield f"{frame.name}:"
            types: list[Any] = []
            namer = Namer(frame.module)
            if frame.func is not None:
                types = Effects.operands(frame.func.code, frame.module, self.session.pc(frame))
            types = (types + [None] * len(values))[: len(values)]
            for value, t in reversed(list(zip(values, types, strict=True))):
                kind = namer.type(t) if t is not None else "?"
                yield f"  {kind:<10} {self._references.show(value, t, namer)}"

    def locals(self, number: int = 0) -> Iterator[str]:
        """The locals of a frame, 0 being the innermost."""
        frame = self._frame(number)
        if not frame.locals:
            yield f"{frame.name} has no locals"
        if frame.func is None:
            return
        namer = Namer(frame.module)
        for i, (value, t) in enumerate(zip(frame.locals, frame.func.code.locals, strict=True)):
            shown = self._references.show(value, t, namer)
            yield f"  {namer.local(frame.func.code, i):<16} {namer.type(t):<10} {shown}"

    def globals(self) -> Iterator[str]:
        """The globals of the instance whose code runs."""
        module = self._frame(0).module
        namer = Namer(module)
        if not module.globals:
            yield "there are no globals here"
        for i, item in enumerate(module.globals):
            t = module.valid.globals[i].type
            shown = self._references.show(item.raw, t, namer)
            yield f"  {namer.index('global', i):<16} {namer.type(t):<10} {shown}"

    def memory(self, address: int, length: int = 64, index: int = 0) -> Iterator[str]:
        """A hexdump of a memory of the instance whose code runs."""
        memories = self._frame(0).module.memories
        if index >= len(memories):
            raise PlaceError(f"there is no memory {index} here")
        data = memories[index].data
        if not 0 <= address < len(data):
            raise PlaceError(f"{address} lies outside of a memory of {len(data)} bytes")
        for start in range(address, min(address + length, len(data)), 16):
            row = bytes(data[start : min(start + 16, address + length)])
            letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
            yield f"{start:08x}  {row.hex(' '):<47}  |{letters}|"

    # ------------------------------------------------------------------ one value by its name

    def value(self, name: str) -> Iterator[str]:
        """A local of the innermost frame or a global, by name or as `local N`, `global N`.

        Of a struct or an array the fields, too. Raises PlaceError.
        """
        frame = self._frame(0)
        namer = Namer(frame.module)
        value, t = self._find(frame, name)
        shown = self._references.show(value, t, namer)
        kind = f" of type {namer.type(t)}" if isinstance(t, RefType) else f": {t}"
        yield f"{shown}{kind if value is not None else ''}"
        if not isinstance(value, StructInst | ArrayInst):
            return
        for i, item in enumerate(value.fields[:64]):
            field = self._references.show(item, field_type(value.type, i), namer)
            yield f"  {namer.field(value.type, i)} = {field}"
        if len(value.fields) > 64:
            yield f"  … {len(value.fields)} in all"

    def _find(self, frame: Frame, text: str) -> tuple[Any, Any]:
        space, _, name = text.rpartition(" ")
        name = name if name.startswith("$") or name.isdecimal() else f"${name}"
        namer, func = Namer(frame.module), frame.func
        if func is not None and space in ("", "local"):
            for i, t in enumerate(func.code.locals):
                if name in (namer.local(func.code, i), str(i)):
                    return frame.locals[i], t
        if space in ("", "global"):
            for i, item in enumerate(frame.module.globals):
                names = (namer.index("global", i), str(i) if space else "")
                if name in names:
                    return item.raw, frame.module.valid.globals[i].type
        raise PlaceError(
            f"no local or global {text!r} here",
            help="print NAME, print local N, print global N; `locals` and `globals` list them",
        )

    def _frame(self, number: int) -> Frame:
        frames = self.session.machine.frames
        if not frames:
            raise PlaceError("the program is over: no frame is open", help="`back` returns into it")
        if not 0 <= number < len(frames):
            raise PlaceError(f"there are the frames 0 to {len(frames) - 1}")
        return frames[-1 - number]
