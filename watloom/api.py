"""The Python surface: modules, instantiation, the linker with the standard library at hand."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from watloom.interp.cache.cache import Cache
from watloom.interp.core.features import DEFAULT, Features
from watloom.interp.core.types import ExternType
from watloom.interp.link.linker import Linker as _Linker
from watloom.interp.link.load import load_file, load_source, source_of
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import InstanceInst, ModuleValue, store_of
from watloom.stdlib import library

__all__ = ["Linker", "Module", "instantiate", "run_script"]


class Module(ModuleValue):
    """A validated module.

    `text_or_bytes`: str is text; bytes are binary or UTF-8 text, told apart by content. Where it
    is in the `cache`, it is taken from there. Raises MalformedError and InvalidError.

    >>> Module('(module (func (export "f") (param i32)))').exports
    {'f': <DefType (func (param i32))>}
    """

    def __init__(
        self,
        text_or_bytes: str | bytes,
        *,
        features: Features = DEFAULT,
        name: str = "<module>",
        cache: Cache | None = None,
    ) -> None:
        super().__init__(load_source(source_of(text_or_bytes, name), features, cache).valid)

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        *,
        features: Features = DEFAULT,
        cache: Cache | None = None,
    ) -> Module:
        """A module in a file; its imports are looked for beside it. Raises OSError too."""
        module = cls.__new__(cls)
        ModuleValue.__init__(module, load_file(path, features, cache).valid)
        return module

    @property
    def imports(self) -> dict[str, ExternType]:
        """What it imports, by first name; two-level imports of one name are one instance."""
        return self.valid.type.imports

    @property
    def exports(self) -> dict[str, ExternType]:
        """What it exports, with the types."""
        return self.valid.type.exports


class Linker(_Linker):
    """Names → host modules, instances, modules, files; the standard library comes before files.

    Files come from the `cache` where they are there.
    """

    def __init__(
        self,
        store: Store | None = None,
        search: Iterable[str | os.PathLike[str]] = (),
        *,
        cache: Cache | None = None,
    ) -> None:
        super().__init__(store, search, library(), cache)

    def instantiate(
        self,
        module: ModuleValue | str | bytes | os.PathLike[str],
        imports: Mapping[str, Any] | None = None,
    ) -> ModuleInst:
        """An instance of a Module, of text or bytes, or of the file at a PathLike."""
        return super().instantiate(as_module(module, self.features, self.cache), imports)


def as_module(
    module: ModuleValue | str | bytes | os.PathLike[str],
    features: Features,
    cache: Cache | None = None,
) -> ModuleValue:
    """Whatever stands for a module, as one."""
    if isinstance(module, ModuleValue):
        return module
    if isinstance(module, os.PathLike):
        return Module.from_file(module, features=features, cache=cache)
    return Module(module, features=features, cache=cache)


def instantiate(
    module: ModuleValue | str | bytes | os.PathLike[str],
    imports: Mapping[str, Any] | None = None,
    *,
    store: Store | None = None,
    search: Iterable[str | os.PathLike[str]] = (),
) -> ModuleInst:
    """An instance of a module, its imports found as `Linker` does, `imports` first.

    Joins the store that the imports or a nested module belong to, else makes one. Raises
    MalformedError, InvalidError, LinkError, and what the start function raises.

    >>> doubler = instantiate('''(module (func (export "double") (param i32) (result i32)
    ...   (i32.mul (local.get 0) (i32.const 2))))''')
    >>> doubler.exports.double(21)
    42
    """
    own = store_of(module) if isinstance(module, ModuleValue) else None
    chosen = store or own or _store_among(imports or {}) or Store()
    return Linker(chosen, search).instantiate(module, imports)


def _store_among(imports: Mapping[str, Any]) -> Store | None:
    for value in imports.values():
        inner = value.values() if isinstance(value, Mapping) else ()
        if isinstance(value, InstanceInst):
            inner = dict.values(value.exports)
        for item in (value, *inner):
            found = store_of(item)
            if isinstance(found, Store):
                return found
    return None


def run_script(path_or_text: str | os.PathLike[str], *, features: Features | None = None) -> Any:
    """Run a test script (.wast): a file at a PathLike or a `.wast` path, else the text itself.

    Returns a report (`interp.script.report.Report`); raises OSError where a file cannot be read.
    """
    from watloom.interp.core.features import WASM3
    from watloom.interp.script.runner import run_file, run_text

    chosen = features or WASM3
    is_path = isinstance(path_or_text, os.PathLike) or (
        path_or_text.endswith(".wast") and "\n" not in path_or_text
    )
    if is_path:
        return run_file(path_or_text, chosen, library())
    assert isinstance(path_or_text, str)
    return run_text(path_or_text, "<script>", chosen, library())
