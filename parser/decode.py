"""From bytes to a Module (https://webassembly.github.io/spec/core/binary/modules.html).

The readers build on each other: bytes (`decode_bytes`), types (`decode_types`), code
(`decode_code`), module linking (`decode_link`), and here sections and modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from watloom.interp.core.errors import MalformedError, Note
from watloom.interp.core.features import DEFAULT, Features
from watloom.interp.core.instr import Expr, Instr, Op
from watloom.interp.core.module import (
    Active,
    Custom,
    Data,
    Declarative,
    Elem,
    Export,
    Func,
    Global,
    Memory,
    Module,
    NestedModule,
    Passive,
    Start,
    Table,
    Tag,
)
from watloom.interp.core.source import Source
from watloom.interp.core.types import FUNCREF, AbsHeap, RefType
from watloom.interp.isa import op_table
from watloom.parser import binary_messages as msg
from watloom.parser.decode_bytes import plural, shown
from watloom.parser.decode_link import LinkReader
from watloom.parser.hints import adopt_hints
from watloom.parser.names import read_names, write_names
from watloom.parser.sections import ORDER, PREAMBLE, SECTIONS, place_behind, section_numbers

__all__ = ["MAGIC", "VERSION", "decode_module"]

MAGIC, VERSION = b"\0asm", b"\1\0\0\0"

#: What the element segments of functions hold.
_FUNCTIONS = RefType(False, AbsHeap.FUNC)


def decode_module(source: Source, features: Features = DEFAULT) -> Module:
    """The module whose bytes `source.data` holds, not validated.

    >>> decode_module(Source("empty.wasm", data=b"\\0asm\\1\\0\\0\\0")).funcs
    []

    Raises MalformedError (UnbuiltError for features that are not built), placed at an offset.
    """
    data = source.data or b""
    outermost = _ModuleReader(source, data, 0, len(data), features)
    readers, running = [outermost], [outermost.sections(0)]
    try:
        while running:
            inner = next(running[-1], None)
            if inner:
                readers.append(inner)
                running.append(inner.sections(len(running)))
            else:
                readers.pop()
                running.pop()
    except MalformedError as error:
        for reader in readers[-2::-1]:
            reader.explain(error, "module")
        error.located(source)
        raise
    return outermost.out


class _ModuleReader(LinkReader):
    """Reads one module; a nested one has a reader of its own on the same bytes."""

    __slots__ = ("bodies", "entry", "needs_count", "out", "source", "typeidxs")

    def __init__(self, source: Source, data: bytes, pos: int, end: int, features: Features) -> None:
        super().__init__(data, pos, end, features)
        self.source = source
        self.out = Module(source, features, at=pos)
        self.typeidxs: list[int] = []
        """The function section."""
        self.bodies = 0
        """The count of the code section."""
        self.needs_count: tuple[int, Op] | None = None
        """The first instruction in a function that requires a data count section."""
        self.entry: int | None = None
        """The entry of the section that is being read, for messages."""

    def sections(self, depth: int) -> Iterator[_ModuleReader]:
        """Read the module into `out`; yields readers of nested ones, to be run at once."""
        self.check_depth(depth)
        self._header()
        last = 0
        while self.pos < self.end:
            at = self.pos
            number = self.byte()
            if number:
                self._check_place(number, last, at)
            name = SECTIONS.get(number, "custom")
            self.entry = None
            try:
                size = self.count("bytes of a section")
                start = self.pos
                if number == 14:
                    yield from self._nested()
                elif number:
                    self._content(number, depth)
                else:
                    self._custom(start + size, last)
                self._check_size(f"the {name} section", start, size)
            except MalformedError as error:
                self.explain(error, name)
                raise
            last = number or last
        self._agree()
        self._adopt_customs(last)

    def _adopt_customs(self, last: int) -> None:
        """What a module holds in a better form need not be kept as bytes.

        Sections that are empty will not be written: what stands behind them moves up.
        """
        customs = self.out.customs
        if not customs:
            return
        named = [custom for custom in customs if custom.name == "name"]
        if named == customs[-1:] and named and named[0].after == last:
            written = write_names(self.out.names)
            if written and named[0].data == written:
                del customs[-1]
        sections = section_numbers(self.out)
        for custom in customs:
            place = place_behind(custom.after, sections)
            custom.after = sections[place - 1] if place else 0
        adopt_hints(self.out, sections)

    def _header(self) -> None:
        start = self.pos
        found = self.bytes(4)
        if found != MAGIC:
            raise msg.magic_not_detected(start, found=shown(found))
        found = self.bytes(4)
        if found != VERSION:
            raise msg.unknown_version(start + 4, found=shown(found))

    # -------------------------------------------------------------- sections

    def _check_place(self, number: int, last: int, at: int) -> None:
        if number not in SECTIONS or (number > 13 and not self.linking):
            name = SECTIONS.get(number)
            help = name and f"with --proposal +module-linking it is the {name} section"
            raise msg.malformed_section_id(at, found=f"{number:02x}", help=help)
        if self.linking and number in PREAMBLE and (last == 0 or last in PREAMBLE):
            return
        if number in PREAMBLE[2:] or (last in ORDER and ORDER.index(number) <= ORDER.index(last)):
            order = ", ".join(SECTIONS[n] for n in ORDER)
            section, last_section = SECTIONS[number], SECTIONS[last]
            raise msg.content_after_last(at, section=section, last=last_section, order=order)

    def _check_size(self, what: str, start: int, size: int) -> None:
        taken = self.pos - start
        if taken != size:
            raise msg.section_size_mismatch(start, what=what, size=size, taken=taken)

    def explain(self, error: MalformedError, section: str) -> None:
        """Say in which entry of which section the error is."""
        if len(error.notes) < 4:  # nested modules add theirs
            text = f"in the {section} section"
            if self.entry is not None:
                text += f", entry {self.entry}"
                if section == "code":
                    text += f" (function {self.out.first_func + self.entry})"
            error.notes.append(Note(text))

    def _content(self, number: int, depth: int) -> None:
        out = self.out
        if number == 8:
            at = self.pos
            out.start = Start(self.u32(), at)
        elif number == 12:
            out.data_count = self.u32()
        else:
            read, things = self._readers(depth)[number]
            for entry in range(self.count(things)):
                self.entry = entry
                read()

    def _readers(self, depth: int) -> dict[int, tuple[Callable[[], object], str]]:
        """For each section that is a vector: what reads an entry, and what entries are called."""
        out = self.out
        definitions = out.definitions
        return {
            1: (lambda: definitions.append(self.typedef(depth)), "types"),
            2: (lambda: definitions.append(self.import_()), "imports"),
            3: (lambda: self.typeidxs.append(self.u32()), "functions"),
            4: (lambda: out.tables.append(self._table()), "tables"),
            5: (lambda: out.memories.append(Memory(at=self.pos, type=self.memtype())), "memories"),
            6: (lambda: out.globals.append(self._global()), "globals"),
            7: (lambda: out.exports.append(self._export()), "exports"),
            9: (lambda: out.elems.append(self._elem()), "element segments"),
            10: (self._body, "function bodies"),
            11: (lambda: out.datas.append(self._data()), "data segments"),
            13: (lambda: out.tags.append(Tag(at=self.pos, typeidx=self.tagtype())), "tags"),
            15: (lambda: definitions.append(self.instance()), "instances"),
            16: (lambda: definitions.append(self.alias()), "aliases"),
        }

    def _custom(self, end: int, last: int) -> None:
        name = self.name()
        if self.pos > end:
            raise msg.unexpected_end(end, wanted="the rest of the name", left="the section ends")
        data = self.bytes(end - self.pos)
        self.out.customs.append(Custom(name, data, last))
        names = read_names(data) if name == "name" else None
        if names is not None:
            self.out.names = names  # of several, the last counts

    # -------------------------------------------------------------- entries

    def _nested(self) -> Iterator[_ModuleReader]:
        """The module section."""
        for entry in range(self.count("modules")):
            self.entry = entry
            size = self.count("bytes of a module")
            at = self.pos
            if size > self.end - at:
                raise self.ended(f"a module of {size} bytes")
            inner = _ModuleReader(self.source, self.data, at, at + size, self.features)
            inner.locals_total = self.locals_total
            yield inner
            self.locals_total = inner.locals_total
            self.pos = at + size
            self.out.definitions.append(NestedModule(inner.out, at))

    def _table(self) -> Table:
        at = self.pos
        if self.peek() != 0x40:
            return Table(self.tabletype(), None, at)
        self.pos += 1
        self.zero("what follows the 40 of a table with an initial value")
        t = self.tabletype()
        return Table(t, self.expr(), at)

    def _global(self) -> Global:
        at = self.pos
        t = self.globaltype()
        return Global(t, self.expr(), at)

    def _export(self) -> Export:
        at = self.pos
        name = self.name()
        kind, index = self.item()
        return Export(name, kind, index, at)

    def _body(self) -> None:
        size = self.count("bytes of a function body")
        at = self.pos
        self.data_use = None
        locals = self.locals()
        body = self.expr()
        self.needs_count = self.needs_count or self.data_use
        self._check_size("the function body", at, size)
        if self.bodies < len(self.typeidxs):
            typeidx = self.typeidxs[self.bodies]
            self.out.funcs.append(Func(typeidx, locals, body, at, self.pos - 1))
        self.bodies += 1

    def _elem(self) -> Elem:
        at = self.pos
        kind = self.u32()
        if kind > 7:
            raise msg.malformed_segment_kind(at, found=str(kind))
        mode: Active | Passive | Declarative = Declarative() if kind & 2 else Passive()
        if not kind & 1:
            target = self.u32() if kind & 2 else 0
            mode = Active(target, self.expr())
        type_, expressions = FUNCREF if kind & 4 else _FUNCTIONS, kind & 4
        if kind & 3 and expressions:
            type_ = self.reftype()
        elif kind & 3:
            found = self.byte()
            if found:
                raise msg.malformed_element_kind(self.pos - 1, found=f"{found:02x}")
        init = self.vec(self.expr if expressions else self._function_element, "elements")
        return Elem(type_, init, mode, at)

    def _function_element(self) -> Expr:
        at = self.pos
        (op,) = op_table(self.features).by_mnemonic["ref.func"]
        return [Instr(op, (self.u32(),), at)]

    def _data(self) -> Data:
        at = self.pos
        kind = self.u32()
        if kind > 2:
            raise msg.malformed_data_kind(at, found=str(kind))
        mode: Active | Passive = Passive()
        if kind != 1:
            target = self.u32() if kind == 2 else 0
            mode = Active(target, self.expr())
        return Data(self.bytes(self.count("bytes of data")), mode, at)

    # -------------------------------------------------------------- agreement of sections

    def _agree(self) -> None:
        """What sections say of each other must agree."""
        out = self.out
        if len(self.typeidxs) != self.bodies:
            funcs, codes = (
                plural(len(self.typeidxs), "function"),
                plural(self.bodies, "body", "bodies"),
            )
            raise msg.function_count_mismatch(self.end, funcs=funcs, codes=codes)
        if out.data_count is not None and out.data_count != len(out.datas):
            count, datas = plural(out.data_count, "segment"), len(out.datas)
            raise msg.data_count_mismatch(self.end, count=count, datas=datas)
        if out.data_count is None and self.needs_count:
            at, op = self.needs_count
            raise msg.data_count_required(at, mnemonic=op.mnemonic)
