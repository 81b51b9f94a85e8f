"""Stubs: the imports that a guest of a host module declares, and the class for a guest's imports.

class Geometry(HostModule):        ──►   (import "geometry" "area" (func $area (param …) …))
    @export
    def area(self, …) -> I32: ...

(import "geometry" "area" …)       ──►   class Geometry(HostModule, name="geometry"): …
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Sequence

from watloom.interp.core.module import Import, Module
from watloom.interp.core.types import DefType, ExternType, FuncType, RefType, ValType
from watloom.interp.host.adapter import slot_names
from watloom.interp.host.annotations import reached
from watloom.interp.host.function import Function
from watloom.interp.host.module import RESERVED, HostModule
from watloom.interp.host.show import readable
from watloom.interp.host.structs import StructOf
from watloom.interp.runtime.values import ModuleValue
from watloom.parser.ast import ImportNode, TypeUseNode
from watloom.parser.strings import quote_name
from watloom.parser.text import parse_tree

__all__ = ["host_stub", "imports_stub"]

# ------------------------------------------------------------------ from a class to WAT


def imports_stub(*classes: type[HostModule]) -> str:
    """The imports of all that they export, in WAT, with what they mean as comments."""
    taken: set[str] = set()
    return "\n".join(_imports(cls, taken) for cls in classes)


def _imports(cls: type[HostModule], taken: set[str]) -> str:
    lines = [f";; {readable(cls.name)}: the host module {cls.__name__}"]
    for struct in _structs(cls.functions.values()):
        fields = [f"{f.name} {f.codec} at {f.offset}" for f in struct.fields]
        lines.append(f";; {struct}: {', '.join(fields)}; {struct.size} bytes")
    for function in cls.functions.values():
        lines.append(f";; {readable(function.signature())}")
        names = f"{quote_name(cls.name)} {quote_name(function.name)}"
        own = _id(_unique(function.name, taken))
        text = f"(import {names} (func {own}{_type(function)}))"
        t = function.type.func
        if any(
            isinstance(v, RefType) and isinstance(v.heap, DefType) for v in t.params + t.results
        ):
            text = f";; left out: {names}, whose type names others"
        lines.append(text)
    return "\n".join(lines) + "\n"


def _structs(functions: Iterable[Function]) -> list[StructOf]:
    """The structs that parameters lead to, each once."""
    codecs = [p.codec for f in functions for p in f.params if p.codec]
    found = (inner for codec in codecs for inner in reached(codec))
    return list(dict.fromkeys(codec for codec in found if isinstance(codec, StructOf)))


def _type(function: Function) -> str:
    """Parameters with names, results without."""
    slots: list[tuple[str, ValType]] = []
    names = slot_names(function.params, set())
    for param in function.params:
        types = param.codec.slots if param.codec else ()
        slots += zip(names[param.name], types, strict=True)
    if function.is_raw:
        slots = [("", t) for t in function.type.func.params]
    params = "".join(f" (param {_id(name) + ' ' if name else ''}{t})" for name, t in slots)
    results = function.type.func.results
    return params + (f" (result {' '.join(map(str, results))})" if results else "")


_IDCHARS = re.compile(r"[0-9A-Za-z!#$%&'*+\-./:<=>?@\\^_`|~]+")


def _id(name: str) -> str:
    return f"${name}" if _IDCHARS.fullmatch(name) else f"${quote_name(name)}"


# ------------------------------------------------------------------ from imports to a class


def host_stub(module: ModuleValue) -> str:
    """Python source with a host module class for each name that a module imports functions from."""
    valid = module.valid
    spaces: dict[str, list[_Item]] = {}
    names_at = _parameter_names(valid.module)
    for imported, wanted in zip(valid.module.imports, valid.imports, strict=True):
        spaces.setdefault(imported.module, []).append(
            (imported, wanted, names_at.get(imported.at, {}))
        )
    taken = {"HostModule", "export", "Caller", "I32", "I64", "F32", "F64"}
    body: list[str] = []
    for name, items in spaces.items():
        body += ["", "", *_class(_unique(_camel(name), taken), name, items)]
    names = sorted(set(re.findall(r"\b(?:I32|I64|F32|F64|Caller)\b", "\n".join(body))))
    head = [f'"""Host modules for {_prose(valid.module.source.name)}."""', "",
            "from __future__ import annotations", "",
            f"from watloom.host import {', '.join([*names, 'HostModule', 'export'])}"]  # fmt: skip
    return "\n".join([*head, *body]) + "\n"


_Item = tuple[Import, ExternType, dict[int, str]]


def _class(cls: str, name: str, items: list[_Item]) -> Iterator[str]:
    yield f"class {cls}(HostModule, name={name!r}):"
    yield f'    """What guests import as {_prose(name)}."""'
    taken: set[str] = {*RESERVED, "export"}
    known: dict[str | None, ExternType] = {}
    for imported, wanted, names in items:
        if imported.name in known:
            if known[imported.name] != wanted:
                again = f"{imported.name} is imported as another thing too: {wanted}"
                yield f"    # {_prose(again)}"
            continue
        known[imported.name] = wanted
        yield ""
        if imported.name is not None and isinstance(wanted, DefType):
            yield from _method(imported.name, wanted, names, taken)
        else:
            what = _prose(imported.name if imported.name is not None else name)
            yield f"    # {what} is not a function: linker.define it. {_prose(str(wanted))}"


def _parameter_names(module: Module) -> dict[int, dict[int, str]]:
    """The names of imported functions' parameters, by the import's place in the text."""
    if module.source.text is None:
        return {}
    tree, _ = parse_tree(module.source, module.features)
    return {
        node.at: {i: token[0][1:] for i, token in (node.desc.type.names or {}).items()}
        for node in tree.fields
        if isinstance(node, ImportNode) and isinstance(node.desc.type, TypeUseNode)
    }


def _method(name: str, t: DefType, names: dict[int, str], taken: set[str]) -> Iterator[str]:
    method = _unique(_snake(name), taken)
    func = t.func
    simple = all(str(v) in _PYTHON for v in (*func.params, *func.results))
    if not simple:
        if any(str(v) not in _RAW for v in (*func.params, *func.results)):
            yield f"    # {_prose(name)} has the type {_prose(str(t))}: make it with watloom.Func"
            return
        signature = f"{_list(func.params)} -> {_list(func.results)}".strip()
        yield f"    @export({name!r}, raw={signature!r})"
        yield f"    def {method}(self, caller: Caller, *slots: object) -> object:"
        yield "        raise NotImplementedError"
        return
    own: set[str] = {"self"}
    params = "".join(
        f", {_unique(_snake(names.get(i, f'p{i}')), own)}: {_PYTHON[str(v)]}"
        for i, v in enumerate(func.params)
    )
    yield "    @export" if method == name else f"    @export({name!r})"
    yield f"    def {method}(self{params}) -> {_result(func)}:"
    yield "        raise NotImplementedError"


_PYTHON = {"i32": "I32", "i64": "I64", "f32": "F32", "f64": "F64", "externref": "object"}
_RAW = {*_PYTHON, "v128", "funcref", "anyref"}


def _list(types: Sequence[ValType]) -> str:
    return " ".join(map(str, types))


def _result(func: FuncType) -> str:
    if not func.results:
        return "None"
    shown = [_PYTHON[str(t)] for t in func.results]
    return shown[0] if len(shown) == 1 else f"tuple[{', '.join(shown)}]"


def _prose(text: str) -> str:
    """A text that can stand in a comment or docstring, whatever is in it."""
    return repr(text)[1:-1].replace('"', "'").replace("\\", "/")


def _snake(name: str) -> str:
    found = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "item"
    found = f"item_{found}" if found[0].isdigit() else found
    return f"{found}_" if keyword.iskeyword(found) else found


def _camel(name: str) -> str:
    parts = re.split(r"[\W_]+", name, flags=re.ASCII)
    found = "".join(part[:1].upper() + part[1:] for part in parts) or "Module"
    found = f"Module{found}" if found[0].isdigit() else found
    return f"{found}_" if keyword.iskeyword(found) else found


def _unique(name: str, taken: set[str]) -> str:
    chosen, n = name, 2
    while chosen in taken:
        chosen, n = f"{name}_{n}", n + 1
    taken.add(chosen)
    return chosen
