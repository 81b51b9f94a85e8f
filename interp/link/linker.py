"""The linker: names become host modules, instances, modules and files.

A name is looked for among explicit arguments, then what was registered, then the standard library
(through a table that `watloom` hands in), then files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import ExhaustionError, HostValueError, LinkError
from watloom.interp.core.features import Features
from watloom.interp.core.module import Import
from watloom.interp.core.source import Source, Span
from watloom.interp.core.types import ExternType, InstanceType, ModuleType
from watloom.interp.link import messages
from watloom.interp.link.fit import fit, in_words, meant
from watloom.interp.link.hosts import Hosts
from watloom.interp.link.load import load_file
from watloom.interp.link.search import find_file
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.instantiate import instantiate
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Extern, InstanceInst, ModuleValue

if TYPE_CHECKING:
    from watloom.interp.cache.cache import Cache

__all__ = ["Library", "Linker"]

Library = Mapping[str, Callable[[Store], Any]]
"""The standard library: by import name, how to make the instance or module in a store."""


#: How many files may be waiting for the instance of the next one: each is Python calls in others.
CHAIN_LIMIT = 50


class Linker:
    """Instantiates modules into one store, finding their imports.

    `search` are folders (`-L`) where imported files are looked for, besides the importing file's;
    those files come from the `cache` where they are there.
    """

    def __init__(
        self,
        store: Store | None = None,
        search: Iterable[str | os.PathLike[str]] = (),
        library: Library | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.cache = cache
        self.store = store or Store()
        self.search = [os.fspath(folder) for folder in search]
        self.library = dict(library or {})
        self._defined: dict[str, Any] = {}
        self._hosts = Hosts(self.store)
        self._modules: dict[str, ModuleValue] = {}
        self._instances: dict[str, ModuleInst] = {}
        self._under_way: list[str] = []

    @property
    def features(self) -> Features:
        """The store's features: files are read with them."""
        return self.store.features

    def define(self, module: str, name: Any, value: Any = None) -> None:
        """`define("env", "log", fn)`, or `define("lib", what)` for a whole name.

        There `what` is an instance, a module, a mapping, or a host module: anything with
        `instantiate(store)`, which is called once and gives the instance.
        """
        if value is None and not isinstance(name, str):
            self._defined[module] = name
            return
        known = self._defined.setdefault(module, {})
        if not isinstance(known, dict):
            known = self._defined[module] = dict(_names_of(self._hosts.ready(known), module, name))
        known[name] = value

    def add(self, host_module: Any, name: str | None = None) -> None:
        """Make a host module importable, by its own name or another.

        It is anything with a `name` and either exports by name or `instantiate(store)`, such as a
        `watloom.host.HostModule`. Raises HostValueError for a class, and for what has no name.
        """
        if isinstance(host_module, type):
            own = host_module.__name__
            raise HostValueError(
                f"{own} is a class, and no host module", help=f"make one: linker.add({own}())"
            )
        chosen = getattr(host_module, "name", None) if name is None else name
        if not isinstance(chosen, str):
            raise HostValueError(
                f"{host_module!r:.60} has no name to be imported by",
                help='give it one: linker.add(…, name="geometry")',
            )
        self._defined[chosen] = host_module

    # ------------------------------------------------------------------ instantiation

    def instantiate(
        self, module: ModuleValue, imports: Mapping[str, Any] | None = None
    ) -> ModuleInst:
        """An instance of a module, its imports found among `imports` first.

        Raises LinkError where one is missing or does not fit, ExhaustionError where too many files
        import one another in a chain, and what running the start function raises. Host modules stay
        open until the instance is closed, and any other that was made after them.
        """
        valid = module.valid
        explicit = imports or {}
        if module.store is not None:  # a nested module: it must be one of this store
            fit(module, module.type, f"{module!r}", self.store)
        with self.store.lock:
            try:
                values = [
                    self._resolve(imported, wanted, valid.module.source, explicit)
                    for imported, wanted in zip(valid.module.imports, valid.imports, strict=True)
                ]
                instance = instantiate(module, values, self.store)
            except BaseException:
                if not self._under_way:
                    self._hosts.close_unused()
                raise
            if not self._under_way:
                self._hosts.used_by(instance)
            return instance

    def _resolve(
        self, imported: Import, wanted: ExternType, source: Source, explicit: Mapping[str, Any]
    ) -> Extern:
        try:
            if imported.name is None:
                found = self._find(imported.module, wanted, source, explicit)
                return fit(found, wanted, f"`{imported.module}`", self.store)
            space = self._find(imported.module, InstanceType({}), source, explicit)
            name = f"`{imported.module}` `{imported.name}`"
            names = _names_of(space, imported.module, imported.name)
            if imported.name not in names:
                why = f"`{imported.module}` has {in_words(names)}"
                help = meant(imported.name, names)
                raise messages.unknown_import(name=name, why=why, help=help)
            return fit(names[imported.name], wanted, name, self.store)
        except LinkError as error:
            error.located(source, _span(source, imported.at))
            raise

    def find_module(self, imported: Import, wanted: ModuleType, source: Source) -> ModuleValue:
        """The module that a single-level import stands for. Raises LinkError."""
        found = self._resolve(imported, wanted, source, {})
        assert isinstance(found, ModuleValue)
        return found

    def _find(
        self, name: str, wanted: ExternType, source: Source, explicit: Mapping[str, Any]
    ) -> Any:
        """What a name stands for, before it is fitted to the wanted type."""
        if name in explicit:
            return self._hosts.ready(explicit[name])
        if name in self._defined:
            return self._hosts.ready(self._defined[name])
        if name in self.library:
            return self._hosts.made(self.library[name], self.library[name])
        return self._from_file(name, wanted, source)

    # ------------------------------------------------------------------ files

    def _from_file(self, name: str, wanted: ExternType, source: Source) -> Any:
        path, looked = find_file(name, source.folder, self.search)
        if path is None:
            tried = f"looked for {name}, {name}.wat and {name}.wasm in {', '.join(looked)}"
            nowhere = "looked in no folder: the module was not read from a file and there is no -L"
            raise messages.unknown_import(
                name=f"`{name}`",
                why="it was not given, is not in the standard library, and there is no such file",
                help=tried if looked else nowhere,
            )
        module = self._load(name, path)
        if isinstance(wanted, ModuleType):
            return module
        if path not in self._instances:
            if path in self._under_way:
                chain = [*self._under_way[self._under_way.index(path) :], path]
                raise messages.cycle(chain=" → ".join(os.path.basename(p) for p in chain))
            outside = len(self._under_way)
            if outside >= CHAIN_LIMIT:
                first, last = (os.path.basename(p) for p in (self._under_way[0], path))
                raise ExhaustionError(
                    f"too many files: {first} → … → {last} is a chain of imports of more than "
                    f"{CHAIN_LIMIT} files"
                )
            try:
                self._under_way.append(path)
                self._instances[path] = self.instantiate(module)
            finally:
                del self._under_way[outside:]
        return self._instances[path]

    def _load(self, name: str, path: str) -> ModuleValue:
        if path not in self._modules:
            try:
                self._modules[path] = load_file(path, self.features, self.cache)
            except OSError as error:
                why = error.strerror or str(error)
                raise messages.unreadable(name=f"`{name}`", path=path, why=why) from None
        return self._modules[path]


def _names_of(space: Any, module: str, item: str) -> Mapping[str, Any]:
    """The items of what stands for a module name: an instance, a mapping, or an object.

    Raises LinkError where it has none; `item` is the one that was looked for.
    """
    if isinstance(space, InstanceInst):
        return space.exports
    if isinstance(space, Mapping):
        return space
    exports = getattr(space, "exports", None)
    if isinstance(space, ModuleValue):
        given = "a module, which has exports when it is instantiated"
    elif isinstance(exports, Mapping):
        return exports
    else:
        given = f"{space!r:.60}, a Python {type(space).__name__}"
    name = f"`{module}` `{item}`"
    raise messages.no_exports(name=name, module=f"`{module}`", item=item, given=given)


_STRING = r'"(?:[^"\\]|\\.)*"'
_NAMES = re.compile(
    rf'\((?:[^()"]*(?:\(\s*export\s*{_STRING}\s*\)\s*)*\()?\s*import\s*{_STRING}(?:\s*{_STRING})?'
)


def _span(source: Source, at: int) -> Span:
    """An import up to its names, in a text."""
    found = _NAMES.match(source.text or "", at)
    return Span(at, found.end() if found else None)
