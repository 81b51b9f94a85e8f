"""Fitting what was found to the type that an import declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from watloom.interp.core.errors import HostValueError, Note
from watloom.interp.core.matching import matches_extern
from watloom.interp.core.messages import nearest
from watloom.interp.core.types import (
    DefType,
    ExternType,
    FuncType,
    GlobalType,
    InstanceType,
    MemType,
    ModuleType,
    TableType,
    TagType,
)
from watloom.interp.link import messages
from watloom.interp.runtime.convert import adopt
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.values import (
    Extern,
    FuncInst,
    Global,
    HostFunc,
    InstanceInst,
    ModuleValue,
    Tag,
    extern_type,
    store_of,
)

__all__ = ["fit", "in_words", "meant"]

_EXTERN = (FuncInst, Memory, Table, Global, Tag, ModuleValue, InstanceInst)


def fit(value: Any, wanted: ExternType, name: str, store: Store) -> Extern:
    """The value as an import of a type: checked, or made of a plain Python value.

    A callable becomes a function, a number an immutable global, a mapping an instance.
    Raises LinkError.
    """
    if not isinstance(value, _EXTERN):
        return _from_python(value, wanted, name, store)
    owner = store_of(value)
    if owner is not None and owner is not store:
        raise messages.other_store(name=name)
    have = extern_type(value)
    if not matches_extern(have, wanted):
        from watloom.interp.core.difference import explained

        typed = getattr(value, "direct", None)  # a function of a watloom.host.HostModule
        notes = [Note(told) for told in typed.function.told(wanted)] if typed is not None else []
        raise messages.incompatible(name=name, notes=notes, **explained(have, wanted))
    if not isinstance(value, ModuleValue | InstanceInst):
        adopt(value, store)
    return value


#: What to give for each kind of import.
_HOW: dict[type, str] = {
    DefType: "for a function give a Python callable, or the function of another instance",
    GlobalType: "for an immutable global give a number; a mutable one is made with watloom.Global",
    MemType: "a memory is made with watloom.Memory, or is another instance's",
    TableType: "a table is made with watloom.Table, or is another instance's",
    TagType: "a tag is made with watloom.Tag(watloom.FuncType(…)), or is another instance's",
    ModuleType: "a module is a watloom.Module",
    InstanceType: "for an instance give one, or a mapping from names to what stands for them",
}


def _from_python(value: Any, wanted: ExternType, name: str, store: Store) -> Extern:
    mismatch = messages.not_a_value(
        name=name,
        want=wanted,
        have=f"{value!r:.60}",
        type=type(value).__name__,
        how=_HOW.get(type(wanted), _HOW[InstanceType]),
    )
    match wanted:
        case DefType(comp=FuncType()) if callable(value):
            made = HostFunc(
                wanted, value, store=store, name=name.replace("`", "").replace(" ", ".")
            )
            module, _, item = name.strip("`").partition("` `")
            made.key = (module, item)
            return made
        case GlobalType(mutable=False):
            try:
                return Global(wanted, value, store=store)
            except HostValueError as error:
                mismatch.help = error.message
        case InstanceType():
            exports = value if isinstance(value, Mapping) else getattr(value, "exports", None)
            if isinstance(exports, Mapping):
                return _instance(exports, wanted, name, store)
        case ModuleType():
            inner = getattr(value, "module_value", None)
            if isinstance(inner, ModuleValue):
                return fit(inner, wanted, name, store)
    raise mismatch


def _instance(
    exports: Mapping[str, Any], wanted: InstanceType, name: str, store: Store
) -> InstanceInst:
    """An instance with the wanted exports of a mapping."""
    for export in wanted.exports:
        if export not in exports:
            raise messages.unknown_import(
                name=f"{name} `{export}`",
                why=f"what is given for {name} has {in_words(exports)}",
                help=meant(export, exports),
            )
    fitted = {n: fit(exports[n], t, f"{name} `{n}`", store) for n, t in wanted.exports.items()}
    return InstanceInst(fitted, store)


def in_words(names: Iterable[str]) -> str:
    """The names that there are, as a message lists them.

    >>> in_words(["a", "b"]), in_words([])
    ('`a`, `b`', 'nothing')
    """
    listed = [f"`{name}`" for name in names]
    more = [f"{len(listed) - 12} more"] if len(listed) > 12 else []
    return ", ".join(listed[:12] + more) or "nothing"


def meant(name: str, known: Iterable[str]) -> str | None:
    """A help line with the known name that is nearest to the given one."""
    near = nearest(name, list(known))
    return f"did you mean `{near}`?" if near else None
