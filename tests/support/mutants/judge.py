"""How far a mutant gets, and what it may not do on its way: raise another's error, or change when
it is written and read again."""

from dataclasses import replace

import watloom
from meaning import meaning
from watloom import Limits, Store, WatloomError
from watloom.interp.core.errors import InvalidError, MalformedError, UnbuiltError
from watloom.interp.core.features import Features
from watloom.interp.core.module import Module, Names, NestedModule
from watloom.interp.core.source import Source
from watloom.interp.core.types import (
    DefType,
    ExternType,
    GlobalType,
    InstanceType,
    MemType,
    RefType,
    TableType,
    TagType,
)
from watloom.interp.runtime.values import ModuleValue
from watloom.interp.validate import validate
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module
from watloom.parser.text import parse_module

__all__ = ["LIMITS", "judge", "printed_is_stable", "read"]

LIMITS = Limits(fuel=2_000, memory=1 << 22, table=10_000, depth=100, seconds=2.0)


def judge(program: str | bytes, features: Features, variant: int = 0) -> str:
    """How far a mutant gets: "malformed", "invalid", "valid" (no instance can be made) or "ran".

    `variant` chooses the tier and how it is printed. Raises AssertionError where a module is not
    the same after it was printed and read, or written and read.
    """
    stage = "malformed"
    try:
        module = read(program, features)
        stage = "invalid"
        if isinstance(program, bytes):
            _written_is_stable(module)
        valid = validate(module)
        stage = "valid"
        printed_is_stable(module, folded=variant % 2 == 1)
        _run(ModuleValue(valid), features, "fast" if variant % 4 < 2 else "reference")
        stage = "ran"
    except WatloomError as error:
        _check_place(error, program)
        assert isinstance(error, _ALLOWED.get(stage, WatloomError)), f"{stage}: {error!r}"
    return stage


#: What may be raised before each stage is reached.
_ALLOWED: dict[str, type[WatloomError]] = {"malformed": MalformedError, "invalid": InvalidError}


def read(program: str | bytes, features: Features) -> Module:
    """The module of a program."""
    if isinstance(program, str):
        return parse_module(Source("mutant.wat", program), features)
    return decode_module(Source("mutant.wasm", data=program), features)


def _check_place(error: WatloomError, program: str | bytes) -> None:
    error.render()
    if isinstance(error, MalformedError) and error.span is not None:
        assert 0 <= error.span.start <= len(program)


def _written_is_stable(module: Module) -> None:
    try:
        written = encode_module(module)
    except UnbuiltError:
        return
    again = decode_module(Source("written.wasm", data=written), module.features)
    assert encode_module(again) == written, "written twice, it differs"


def printed_is_stable(module: Module, *, folded: bool) -> None:
    """Check that a module is the same after it was printed and read."""
    text = print_module(module, folded)
    again = parse_module(Source("printed.wat", text), module.features)
    assert print_module(again, folded) == text, f"printed twice, it differs:\n{text}"
    assert _nameless(again) == _nameless(module), f"printed and parsed, it differs:\n{text}"


def _nameless(module: Module) -> object:
    """What a module means; a damaged name section may have names of what is not there."""
    inner = [_nameless(d.module) for d in module.definitions if isinstance(d, NestedModule)]
    outside = [d for d in module.definitions if not isinstance(d, NestedModule)]
    return meaning(replace(module, names=Names(), definitions=outside)), inner


# ------------------------------------------------------------------ running it


def _run(module: ModuleValue, features: Features, tier: str) -> None:
    store = Store(features=features, tier=tier, limits=LIMITS)  # type: ignore[arg-type]
    imports = {name: _stand_in(t, store) for name, t in module.valid.type.imports.items()}
    instance = watloom.instantiate(module, imports, store=store)
    for export in instance.exports.values():
        if callable(export):
            arguments = [None if "ref" in str(t) else 1 for t in export.type.func.params]
            try:
                export(*arguments)
            except WatloomError as error:
                error.render()


def _stand_in(t: ExternType, store: Store) -> object:
    """Something of a type, to be imported."""
    match t:
        case DefType():
            results = tuple(None if isinstance(r, RefType) else 0 for r in t.func.results)
            return lambda *_: results[0] if len(results) == 1 else (results or None)
        case MemType():
            return watloom.Memory(t, store=store)
        case TableType():
            return watloom.Table(t, store=store)
        case GlobalType():
            value = None if isinstance(t.type, RefType) else 0
            return watloom.Global(t, value, store=store)
        case TagType():
            return watloom.Tag(t.type, store=store)
        case InstanceType():
            return {name: _stand_in(inner, store) for name, inner in t.exports.items()}
    return watloom.Module("(module)")
