"""Modules as text: one field after the other, in the order of the IR.

What is printed is read back to the same module: implied types and aliases are written out, names
are kept where the text can express them.

Naming: a *line* is text without its indentation; a `_Nested` is a module or type body that stands
for the lines it will be printed as. So the depth of modules in modules costs no recursion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.module import (
    Active,
    Alias,
    Data,
    Declarative,
    Definition,
    Elem,
    Export,
    ExportAll,
    ExternDesc,
    Func,
    FuncDesc,
    Import,
    InstanceArg,
    InstanceDef,
    InstanceDesc,
    InstanceTypeDef,
    Kind,
    Module,
    ModuleDesc,
    ModuleTypeDef,
    Names,
    NestedModule,
    OuterAlias,
    RecGroup,
    TagDesc,
    TypeDecl,
    TypeExport,
)
from watloom.interp.core.types import (
    AbsHeap,
    GlobalType,
    Limits,
    MemType,
    NumType,
    RefType,
    TableType,
)
from watloom.parser.arity import Arities, comps_of
from watloom.parser.print_code import CodePrinter
from watloom.parser.print_customs import show_customs
from watloom.parser.print_words import Words, binding
from watloom.parser.sections import types_first
from watloom.parser.strings import quote_bytes, quote_name

__all__ = ["print_module"]


@dataclass(frozen=True)
class _Nested:
    """Something with lines of its own: how it begins and ends, and what lies between."""

    head: str
    body: Module | Sequence[TypeDecl]
    tail: str


_Line: TypeAlias = str | _Nested


def print_module(module: Module, folded: bool = False) -> str:
    """The text of a module; parsed and printed again it stays the same.

    Code is flat, or folded: operands stand inside of their instructions.
    """
    found: list[str] = []
    name = binding(module.names.module)
    work: list[tuple[int, _Line]] = [(0, _Nested(f"(module{name}", module, ")"))]
    while work:
        depth, line = work.pop()
        if isinstance(line, str):
            found.append("  " * depth + line)
            continue
        lines = list(_lines_of(line.body, folded))
        if not lines:
            found.append("  " * depth + line.head + line.tail)
            continue
        found.append("  " * depth + line.head)
        lines[-1] = _closed(lines[-1], line.tail)
        work += [(depth + 1, inner) for inner in reversed(lines)]
    return "\n".join(found) + "\n"


def _closed(line: _Line, tail: str) -> _Line:
    return line + tail if isinstance(line, str) else _Nested(line.head, line.body, line.tail + tail)


def _lines_of(body: Module | Sequence[TypeDecl], folded: bool) -> Iterator[_Line]:
    if isinstance(body, Module):
        return _ModulePrinter(body, folded).lines()
    return _BodyPrinter(body).lines()


class _Definitions:
    """What modules and type bodies share: type definitions, imports and descriptions."""

    def __init__(self, names: Names, arities: Arities, folded: bool = False) -> None:
        self.code = CodePrinter(names, arities, folded)
        self.next: dict[Kind, int] = dict.fromkeys(Kind, 0)

    def take(self, kind: Kind) -> str:
        """The name behind a space of the next item of a kind, which is defined here."""
        index = self.next[kind]
        self.next[kind] = index + 1
        return self.code.space(kind.value).binding(index)

    def rec_group(self, group: RecGroup) -> Iterator[_Line]:
        """A type, or several in `(rec …)`."""
        shown = []
        for sub in group.types:
            index = self.next[Kind.TYPE]
            shown.append(f"(type{self.take(Kind.TYPE)} {self.code.subtype(sub, index)})")
        if len(shown) == 1:
            yield shown[0]
        elif not shown:
            yield "(rec)"
        else:
            yield "(rec"
            yield from (f"  {line}" for line in shown[:-1])
            yield f"  {shown[-1]})"

    def linking_type(self, definition: ModuleTypeDef | InstanceTypeDef) -> _Nested:
        """A module or instance type."""
        kind = "module" if isinstance(definition, ModuleTypeDef) else "instance"
        return _Nested(f"(type{self.take(Kind.TYPE)} ({kind}", definition.decls, "))")

    def outer_alias(self, alias: OuterAlias) -> str:
        """An alias of an item of an outer module."""
        name = self.take(alias.kind)
        return f"(alias outer {alias.count} {alias.index} ({alias.kind.value}{name}))"

    def import_(self, node: Import) -> str:
        """An import."""
        names = quote_name(node.module) + (
            f" {quote_name(node.name)}" if node.name is not None else ""
        )
        return f"(import {names} {self.desc(node.desc, bind=True)})"

    def desc(self, desc: ExternDesc, bind: bool) -> str:
        """The description of an import or export, with the name that is given to it."""
        kind, shown = self._desc(desc)
        return f"({kind.value}{self.take(kind) if bind else ''}{shown})"

    def _desc(self, desc: ExternDesc) -> tuple[Kind, str]:
        types = self.code.space("type")
        match desc:
            case FuncDesc(index):
                return Kind.FUNC, f" (type {types(index)})"
            case TagDesc(index):
                return Kind.TAG, f" (type {types(index)})"
            case ModuleDesc(index):
                return Kind.MODULE, f" (type {types(index)})"
            case InstanceDesc(index):
                return Kind.INSTANCE, f" (type {types(index)})"
            case TableType():
                return Kind.TABLE, self.table_type(desc)
            case MemType():
                return Kind.MEMORY, self.memory_type(desc)
            case GlobalType():
                return Kind.GLOBAL, self.global_type(desc)

    @staticmethod
    def _limits(addr: NumType, limits: Limits) -> str:
        return f" {'i64 ' if addr is NumType.I64 else ''}{limits}"

    def table_type(self, t: TableType) -> str:
        """A table type, with a space in front."""
        return f"{self._limits(t.addr, t.limits)} {self.code.val(t.elem)}"

    def memory_type(self, t: MemType) -> str:
        """A memory type, with a space in front."""
        return f" {t.inner}"

    def global_type(self, t: GlobalType) -> str:
        """A global type, with a space in front."""
        shown = self.code.val(t.type)
        return f" (mut {shown})" if t.mutable else f" {shown}"


class _BodyPrinter(_Definitions):
    """The body of a module or instance type."""

    def __init__(self, decls: Sequence[TypeDecl]) -> None:
        super().__init__(Names(), Arities(comps_of(decls)))
        self.decls = decls

    def lines(self) -> Iterator[_Line]:
        """The declarations."""
        for decl in types_first(self.decls):
            match decl:
                case RecGroup():
                    yield from self.rec_group(decl)
                case ModuleTypeDef() | InstanceTypeDef():
                    yield self.linking_type(decl)
                case OuterAlias():
                    yield self.outer_alias(decl)
                case Import():
                    yield self.import_(decl)
                case TypeExport(None, InstanceDesc(index)):
                    yield f"(export {index})"
                case TypeExport(name):
                    yield f"(export {quote_name(name or '')} {self.desc(decl.desc, bind=False)})"


class _ModulePrinter(_Definitions):
    """The fields of one module."""

    def __init__(self, module: Module, folded: bool) -> None:
        super().__init__(module.names, Arities.of(module), folded)
        self.module = module
        self.implied: set[str] = set()

    def lines(self) -> Iterator[_Line]:
        """The fields."""
        module = self.module
        for definition in types_first(module.definitions):
            yield from self._definition(definition)
        for func in module.funcs:
            yield from self._func(func)
        for table in module.tables:
            init = f" {self.code.expr(table.init)}" if table.init else ""
            yield f"(table{self.take(Kind.TABLE)}{self.table_type(table.type)}{init})"
        for memory in module.memories:
            yield f"(memory{self.take(Kind.MEMORY)}{self.memory_type(memory.type)})"
        for tag in module.tags:
            yield f"(tag{self.take(Kind.TAG)}{self.code.typeuse(tag.typeidx)})"
        for global_ in module.globals:
            init = f" {self.code.expr(global_.init)}" if global_.init else ""
            head = f"(global{self.take(Kind.GLOBAL)}{self.global_type(global_.type)}"
            yield f"{head}{init})"
        for export in module.exports:
            yield self._export(export)
        if module.start is not None:
            yield f"(start {self.code.space('func')(module.start.func)})"
        for index, elem in enumerate(module.elems):
            yield self._elem(elem, self.code.space("elem").binding(index))
        for index, data in enumerate(module.datas):
            yield self._data(data, self.code.space("data").binding(index))
        yield from show_customs(module)

    # -------------------------------------------------------------- the preamble

    def _definition(self, definition: Definition) -> Iterator[_Line]:
        space = self.code.space
        match definition:
            case RecGroup():
                yield from self.rec_group(definition)
            case ModuleTypeDef() | InstanceTypeDef():
                yield self.linking_type(definition)
            case OuterAlias():
                yield self.outer_alias(definition)
            case Import():
                self._imply(definition)
                yield self.import_(definition)
            case NestedModule(inner):
                yield _Nested(f"(module{self.take(Kind.MODULE)}", inner, ")")
            case InstanceDef(index, args):
                name = self.take(Kind.INSTANCE)
                shown = "".join(map(self._argument, args))
                yield f"(instance{name} (instantiate {space('module')(index)}{shown}))"
            case Alias(instance, item, kind):
                name = self.take(kind)
                item = quote_name(item)
                yield f"(alias {space('instance')(instance)} {item} ({kind.value}{name}))"

    def _argument(self, arg: InstanceArg) -> str:
        word = self.code.space(arg.kind.value)(arg.index)
        return f" (import {quote_name(arg.name)} ({arg.kind.value} {word}))"

    def _imply(self, node: Import) -> None:
        """The module name of a two-level import is an instance, where it is met first."""
        if node.name is None or not self.module.features.has("module-linking"):
            return
        if node.module not in self.implied:
            self.implied.add(node.module)
            # no text defines it, so it cannot be given the name that a binary may have for it
            self.code.space(Kind.INSTANCE.value).words.pop(self.next[Kind.INSTANCE], None)
            self.next[Kind.INSTANCE] += 1

    # -------------------------------------------------------------- definitions

    def _func(self, func: Func) -> Iterator[_Line]:
        index = self.next[Kind.FUNC]
        names, code = self.module.names, self.code
        locals_ = Words(names.locals.get(index))
        head = f"(func{self.take(Kind.FUNC)}{code.typeuse(func.typeidx, locals_)}"
        lines = []
        functype = code.functype(func.typeidx)
        first = len(functype.params) if functype else 0
        for number, local in enumerate(func.locals, first):
            name = locals_.binding(number) if functype else ""
            lines.append(f"(local{name} {code.val(local.type)})")
        if functype is None:  # one of an outer module: its parameters cannot be named here
            locals_ = Words()
        labels, hints = names.labels.get(index), self.module.hints.get(index)
        results = len(functype.results) if functype else 0
        count = first + len(func.locals)
        lines += code.lines(func.body, locals_, labels, hints, results, count)
        if not lines:
            yield f"{head})"
            return
        yield head
        yield from (f"  {line}" for line in lines[:-1])
        yield f"  {lines[-1]})"

    def _export(self, export: Export | ExportAll) -> str:
        if isinstance(export, ExportAll):
            return f"(export {self.code.space('instance')(export.instance)})"
        kind = export.kind.value
        return f"(export {quote_name(export.name)} ({kind} {self.code.space(kind)(export.index)}))"

    def _elem(self, elem: Elem, name: str) -> str:
        match elem.mode:
            case Active(target, offset):
                table = f" (table {self.code.space('table')(target)})" if target else ""
                mode = f"{table} {self.code.expr(offset, 'offset')}"
            case Declarative():
                mode = " declare"
            case _:
                mode = ""
        functions = [
            init[0].args[0]
            for init in elem.init
            if len(init) == 1 and init[0].op.mnemonic == "ref.func"
        ]
        if elem.type == RefType(False, AbsHeap.FUNC) and len(functions) == len(elem.init):
            words = " ".join(map(self.code.space("func"), functions))
            return f"(elem{name}{mode} func{' ' if words else ''}{words})"
        items = "".join(f" {self.code.expr(init, 'item')}" for init in elem.init)
        return f"(elem{name}{mode} {self.code.val(elem.type)}{items})"

    def _data(self, data: Data, name: str) -> str:
        mode = ""
        if isinstance(data.mode, Active):
            target = data.mode.target
            memory = f" (memory {self.code.space('memory')(target)})" if target else ""
            mode = f"{memory} {self.code.expr(data.mode.offset, 'offset')}"
        return f"(data{name}{mode} {quote_bytes(data.init)})"
