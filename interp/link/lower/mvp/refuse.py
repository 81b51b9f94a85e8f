"""What cannot be lowered to the first release: the first such thing is refused, with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watloom.interp.core.errors import LinkError
from watloom.interp.core.instr import Instr
from watloom.interp.core.module import (
    Active,
    Elem,
    Export,
    FuncDesc,
    Kind,
    Module,
    RecGroup,
    TagDesc,
)
from watloom.interp.core.source import Source
from watloom.interp.core.types import (
    FUNCREF,
    I32,
    V128,
    ArrayType,
    CompType,
    FuncType,
    GlobalType,
    MemType,
    RefType,
    StorageType,
    SubType,
    TableType,
)
from watloom.interp.link.lower import messages
from watloom.interp.link.lower.mvp.constants import known_globals
from watloom.interp.link.lower.mvp.numbers import EXTENSIONS
from watloom.interp.link.lower.mvp.standard import is_first
from watloom.interp.link.lower.target import instructions

__all__ = ["MAX_PARAMS", "refuse", "refuse_shared_memory", "uses_references"]

#: As many parameters as engines take in a function.
MAX_PARAMS = 1000

_BULK = ("memory.fill", "memory.copy", "memory.init", "data.drop")
_FAMILIES = ("ref", "i31", "any", "extern", "struct", "array", "table", "elem")
_REFERENCES = (
    "call_ref", "func.bind", "br_on_null", "br_on_non_null", "br_on_cast", "br_on_cast_fail",
)  # fmt: skip


def uses_references(module: Module) -> bool:
    """Whether the module does more with references than to call them through its one table."""
    tables = [t.type for t in module.tables]
    tables += [i.desc for i in module.imports if isinstance(i.desc, TableType)]
    types = [c for sub in _types(module) for c in _parts(sub)]
    types += [local.type for func in module.funcs for local in func.locals]
    types += [g.type.type for g in module.globals]
    return (
        any(isinstance(t, RefType) for t in types)
        or any(_is_reference(i) for func in module.funcs for i in func.body)
        or len(tables) > 1
        or any(t.elem != FUNCREF for t in tables)
        or any(table.init for table in module.tables)
        or any(_is_list(elem) for elem in module.elems if isinstance(elem.mode, Active))
        or (_has_named_types(module) and _calls_indirectly(module))
    )


def _has_named_types(module: Module) -> bool:
    """Whether two function types may look the same and not be: mvp compares how they look."""
    groups = [d for d in module.definitions if isinstance(d, RecGroup)]
    plain = (len(g.types) == 1 and g.types[0] == SubType(g.types[0].comp) for g in groups)
    return not all(plain)


def _calls_indirectly(module: Module) -> bool:
    return any(i.op.mnemonic == "call_indirect" for func in module.funcs for i in func.body)


def _is_list(elem: Elem) -> bool:
    """Whether an element segment is one that the first release has no form of."""
    assert isinstance(elem.mode, Active)
    plain = len(elem.mode.offset) == 1
    return not plain or any(x[0].op.mnemonic != "ref.func" for x in elem.init)


def _is_reference(instr: Instr) -> bool:
    return instr.op.mnemonic in _REFERENCES or instr.op.mnemonic.split(".")[0] in _FAMILIES


def _types(module: Module) -> list[CompType]:
    return [s.comp for d in module.definitions if isinstance(d, RecGroup) for s in d.types]


def _parts(comp: CompType) -> list[StorageType]:
    if isinstance(comp, FuncType):
        return [*comp.params, *comp.results]
    if isinstance(comp, ArrayType):
        return [comp.field.storage]
    return [f.storage for f in comp.fields]


# ------------------------------------------------------------------ refusals


def refuse(module: Module, origins: Mapping[int, Source], references: bool) -> None:
    """Raise LinkError for the first thing that stays out of reach.

    `origins` are the sources of the module's definitions, by their `id`.
    """
    check = _Refuse(module, origins, references)
    check.types()
    check.boundary()
    check.items()
    check.code()


def refuse_shared_memory(module: Module, origins: Mapping[int, Source]) -> None:
    """Raise LinkError where a memory that outsiders see would have to hold the heap, too."""
    for imported in module.imports:
        if isinstance(imported.desc, MemType):
            what = f"the import `{imported.module}` `{imported.name}`"
            raise _placed(messages.mvp_memory, imported, origins, what=what)
    for export in module.exports:
        if isinstance(export, Export) and export.kind is Kind.MEMORY:
            what = f"the export `{export.name}`"
            raise _placed(messages.mvp_memory, export, origins, what=what)


def _placed(message: Any, owner: Any, origins: Mapping[int, Source], **values: Any) -> LinkError:
    source = origins.get(id(owner))
    error: LinkError = message(None if source is None else owner.at, source, **values)
    return error


class _Refuse:
    def __init__(self, module: Module, origins: Mapping[int, Source], references: bool) -> None:
        self.module = module
        self.origins = origins
        self.references = references
        self.comps = _types(module)
        descs = [(i, i.desc) for i in module.imports]
        self.funcs = [d.typeidx for _, d in descs if isinstance(d, FuncDesc)]
        self.funcs += [func.typeidx for func in module.funcs]
        self.globals = [d for _, d in descs if isinstance(d, GlobalType)]
        self.first_global = len(self.globals)
        self.globals += [g.type for g in module.globals]

    def _no(self, owner: Any, what: str, why: str, at: int | None = None) -> LinkError:
        source = self.origins.get(id(owner))
        place = None if source is None else owner.at if at is None else at
        return messages.not_standard(
            place, source, what=what, target="mvp", why=why,
            how="--target 3.0 takes it",
        )  # fmt: skip

    # -------------------------------------------------------------- types

    def types(self) -> None:
        """Vectors, wherever they are."""
        why = "mvp has no vectors"
        for func in self.module.funcs:
            if V128 in _parts(self.comps[func.typeidx]):
                raise self._no(func, f"a function of type {self.comps[func.typeidx]}", why)
            for local in func.locals:
                if local.type is V128:
                    raise self._no(func, "a local of type v128", why, local.at)
        for comp in self.comps:
            if V128 in _parts(comp):
                raise self._no(None, f"the type {comp}", why)

    # -------------------------------------------------------------- what passes the boundary

    def boundary(self) -> None:
        """Only numbers may, one result at a time."""
        for imported in self.module.imports:
            what = f"the import `{imported.module}` `{imported.name}`"
            self._passes(imported, imported.desc, what)
        known = known_globals(self.module, self.first_global)
        for export in self.module.exports:
            assert isinstance(export, Export)
            what = f"the export `{export.name}`"
            if export.kind is Kind.FUNC:
                self._passes(export, FuncDesc(self.funcs[export.index]), what)
            elif export.kind is Kind.TABLE and self.references:
                raise _placed(messages.mvp_boundary, export, self.origins, what=what)
            elif export.kind is Kind.GLOBAL:
                t = self.globals[export.index]
                self._passes(export, t, what)
                if not t.mutable and known.get(export.index, True) is None:
                    why = "it is computed from an imported one, which would make it mutable"
                    raise self._no(export, f"the global `{export.name}`", why)

    def _passes(self, owner: Any, desc: object, what: str) -> None:
        types: list[StorageType] = []
        if isinstance(desc, FuncDesc):
            comp = self.comps[desc.typeidx]
            assert isinstance(comp, FuncType)
            types = _parts(comp)
            if len(comp.results) > 1:
                raise self._no(owner, what, "mvp functions have one result at most")
        elif isinstance(desc, GlobalType):
            types = [desc.type]
        late = isinstance(desc, TableType) and self.references
        if late or any(isinstance(t, RefType) for t in types):
            raise _placed(messages.mvp_boundary, owner, self.origins, what=what)

    # -------------------------------------------------------------- items

    def items(self) -> None:
        """Memories, tables, tags."""
        module = self.module
        found: list[tuple[Any, object]] = [(i, i.desc) for i in module.imports]
        found += [(memory, memory.type) for memory in module.memories]
        found += [(table, table.type) for table in module.tables]
        for owner, t in found:
            if isinstance(t, TagDesc):
                raise self._no(owner, "a tag", "mvp has no exceptions")
            if isinstance(t, MemType) and (t.addr is not I32 or t.shared or t.page_bits != 16):
                why = "mvp memories have 32-bit addresses and 64 KiB pages"
                raise self._no(owner, f"the memory {t}", why)
            if isinstance(t, TableType) and t.addr is not I32:
                raise self._no(owner, f"the table {t}", "mvp tables have 32-bit indices")
        if module.tags:
            raise self._no(module.tags[0], "a tag", "mvp has no exceptions")
        memories = [owner for owner, t in found if isinstance(t, MemType)]
        if len(memories) > 1:
            why = f"its instances have {len(memories)} memories, and mvp has room for one"
            raise self._no(memories[1], "memories", why)

    # -------------------------------------------------------------- code

    def code(self) -> None:
        """The first instruction that no pass knows."""
        for owner, instr in instructions(self.module):
            why = self._why(instr)
            if why is not None:
                raise self._no(owner, f"`{instr.op.mnemonic}`", why, instr.at)

    def _why(self, instr: Instr) -> str | None:
        mnemonic = instr.op.mnemonic
        if mnemonic.startswith("return_call"):
            return "mvp has no tail calls, and a call would not give the caller's frame back"
        if self._is_wide(instr):
            return f"engines take {MAX_PARAMS} parameters at most, and so many values"
        if is_first(instr) or mnemonic in EXTENSIONS or "trunc_sat" in mnemonic:
            return None
        if mnemonic in _BULK or mnemonic == "select" or _is_reference(instr):
            return None
        return "the instruction came after mvp"

    def _is_wide(self, instr: Instr) -> bool:
        if instr.op.mnemonic == "array.new_fixed":
            return bool(instr.args[1] > MAX_PARAMS)
        if instr.op.mnemonic == "struct.new":
            return len(_parts(self.comps[instr.args[0]])) > MAX_PARAMS
        return False
