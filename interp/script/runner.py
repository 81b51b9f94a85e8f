"""Running a test script, directive by directive.

As the reference interpreter does (https://github.com/WebAssembly/spec/tree/main/interpreter/script),
save that a directive which does not hold is noted and the next one runs. What a directive needs and
the front end reports as not built makes it *wait*, and with it everything that depends on it:

    (module $m … v128 …)             waits: simd is not built
    (register "m" $m)                waits, and so do modules that import from "m"
    (assert_return (invoke "f"))     waits: "f" would be an export of $m
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

from watloom.interp.core.errors import (
    ExhaustionError,
    InvalidError,
    LinkError,
    MalformedError,
    Trap,
    UnbuiltError,
    WasmException,
    WatloomError,
)
from watloom.interp.core.features import Features
from watloom.interp.core.matching import matches_val
from watloom.interp.core.source import Source, Span
from watloom.interp.core.types import AbsHeap, RefType, ValType
from watloom.interp.link.linker import Library, Linker
from watloom.interp.link.load import read_source
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.invoke import invoke
from watloom.interp.runtime.limits import Limits
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import FuncInst, Global, HostRef, ModuleValue
from watloom.interp.script.accepted import says
from watloom.interp.script.expect import Wrong, expecting, explain, what
from watloom.interp.script.files import read_input
from watloom.interp.script.patterns import HostObject, fits_all, show_all, show_patterns
from watloom.interp.script.report import Failure, FileReport, Report, Wait
from watloom.interp.validate import validate
from watloom.parser import wast
from watloom.parser.printer import print_module

__all__ = ["run_file", "run_text"]

Tier = Literal["fast", "reference"]


def run_file(
    path: str | os.PathLike[str],
    features: Features,
    library: Library,
    tier: Tier = "reference",
    *,
    search: Iterable[str | os.PathLike[str]] = (),
    limits: Limits | None = None,
) -> Report:
    """Run the script in a file: a report of one file.

    `library` is the table of the standard library. Files are imported only with module-linking on:
    from the script's folder and from the folders in `search`. Raises OSError where the script
    cannot be read, and MalformedError where it is no text; everything else is in the report.
    """
    source = read_source(path)
    return _run(source, features, library, tier, search, limits)


def run_text(
    text: str,
    name: str,
    features: Features,
    library: Library,
    tier: Tier = "reference",
    *,
    search: Iterable[str | os.PathLike[str]] = (),
    limits: Limits | None = None,
) -> Report:
    """Run a script that is given as text, under the name that its report shall have."""
    return _run(Source(name, text=text), features, library, tier, search, limits)


def _run(
    source: Source,
    features: Features,
    library: Library,
    tier: Tier,
    search: Iterable[str | os.PathLike[str]],
    limits: Limits | None,
) -> Report:
    started = time.perf_counter()
    report = FileReport(source.name)
    linking = features.has("module-linking")
    folder = source.folder
    if not linking:  # then no file can be meant
        source = Source(source.name, text=source.text, data=source.data)
    try:
        if source.text is None:
            raise MalformedError("this is a binary module, not a test script")
        commands = wast.parse_script(source, features)
    except MalformedError as error:
        at = error.span.start if error.span else 0
        report.failures.append(_failure(source, at, "script", error.message))
        commands = []
    linker = Linker(Store(features, tier, limits), search if linking else (), library)
    runner = _Runner(source, linking, linker, report)
    runner.folder = folder
    runner.run(commands)
    report.seconds = time.perf_counter() - started
    return Report([report])


def _failure(source: Source, at: int, directive: str, message: str) -> Failure:
    line = source.position(at)[0] if source.text is not None else 1
    return Failure(line, directive, " ".join(message.split()))


class _Waits(Exception):
    """What runs here depends on a feature that is not built or not on."""

    def __init__(self, feature: str) -> None:
        super().__init__(feature)
        self.feature = feature


#: How many files may put in one another.
MAX_INPUTS = 20

#: What a name stands for: the thing itself, what it waits for, or None where it failed.
Space: TypeAlias = dict[str | None, Any]


@contextmanager
def _defining(name: str | None, *spaces: Space) -> Iterator[None]:
    """Around the definition of a name: if it does not get there, the name waits or is broken."""
    for space in spaces:
        space[None] = space[name] = None
    try:
        yield
    except _Waits as wait:
        for space in spaces:
            if space[name] is None:
                space[None] = space[name] = wait
        raise


def _look_up(space: Space, name: str | None, kind: str) -> Any:
    if name not in space:
        raise Wrong(f"there is no {kind} ${name}" if name else f"there is no {kind} yet")
    known = space[name]
    if known is None:
        raise Wrong(f"the {kind} that it needs failed")
    if isinstance(known, _Waits):
        raise _Waits(known.feature)
    return known


class _Runner:
    """One script on its way: what it has defined so far, and the report that grows."""

    def __init__(self, source: Source, linking: bool, linker: Linker, report: FileReport) -> None:
        self.source = source
        self.linking = linking
        self.linker = linker
        self.report = report
        self.modules: Space = {}
        self.instances: Space = {}
        """By name; the latest stands under None as well."""
        self.waiting: dict[str, _Waits] = {}
        """The registered names that stand for something that waits."""
        self.hosts: dict[int, HostRef] = {}
        self.threads: dict[str, tuple[threading.Thread, FileReport]] = {}

        self.inputs: list[int] = []
        """The lines of the `(input …)` that are being run."""
        self.folder: str | None = None
        """Where the files lie that an `(input …)` may name."""

    def run(self, commands: Iterable[wast.Command]) -> None:
        """Run all directives; none of them stops the others."""
        for command in commands:
            try:
                self._run(command)
            except _Waits as wait:
                line = (self.inputs or [self.source.position(command.at)[0]])[0]
                self.report.waits.append(Wait(line, wait.feature))
            except Exception as error:
                self.report.failures.append(self._failed(command, explain(error)))
            else:
                self.report.passed += 1
        for name in [] if self.inputs else list(self.threads):
            self._wait(name)

    def _failed(self, command: wast.Command, text: str) -> Failure:
        """A failure, at its line in the script; in a file that is put in, at that of the input."""
        failure = _failure(self.source, command.at, _word(command), text)
        if not self.inputs:
            return failure
        where = f"{self.source.where(Span(command.at))}: "
        return Failure(self.inputs[0], failure.directive, where + failure.message)

    def _run(self, command: wast.Command) -> None:
        match command:
            case wast.AssertReturn(action, patterns):
                values, types = self._act(action)
                if not fits_all(values, types, patterns):
                    expected = show_patterns(patterns)
                    raise Wrong(f"expected {expected}, got {show_all(values, types)}")
            case wast.AssertTrap(wast.Invoke() | wast.Get() as action, message):
                self._assert_action(action, Trap, message)
            case wast.AssertExhaustion(action, message):
                self._assert_action(action, ExhaustionError, message)
            case wast.AssertException(action):
                self._assert_action(action, WasmException, None)
            case wast.Invoke() | wast.Get():
                self._act(command)
            case wast.ModuleCmd():
                self._module(command)
            case wast.InstanceCmd(id, module_id):
                with _defining(id, self.instances):
                    self._instance(id, _look_up(self.modules, module_id, "module"))
            case wast.Register(name, id):
                self._register(name, id)
            case wast.AssertMalformed(module, message):
                self._assert_malformed(module, message)
            case wast.AssertInvalid(module, message):
                with expecting(InvalidError, message):
                    self._load(module)
            case wast.AssertUnlinkable(module, message):
                self._assert_uninstantiable(module, LinkError, message)
            case wast.AssertTrap(wast.ModuleCmd() | wast.InstanceCmd() as module, message):
                self._assert_uninstantiable(module, Trap, message)
            case wast.Thread():
                self._thread(command)
            case wast.Wait(name):
                self._wait(name)
            case wast.Input():
                self._input(command)
            case wast.Output():
                self._output(command)
            case wast.BrokenCommand(error):
                self._broken(command, error)

    # ------------------------------------------------------------------ threads

    def _thread(self, command: wast.Thread) -> None:
        """Start a thread with a store of its own, which sees the instances that it shares."""
        shared = {id: _look_up(self.instances, id, "instance") for id in command.shared}
        store = self.linker.store
        linker = Linker(Store(store.features, store.tier, store.limits), (), self.linker.library)
        report = FileReport(self.source.name)
        runner = _Runner(self.source, self.linking, linker, report)
        runner.instances.update(shared)
        thread = threading.Thread(target=runner.run, args=(command.commands,), daemon=True)
        self.threads[command.id] = thread, report
        thread.start()

    def _wait(self, name: str) -> None:
        """Wait for a thread; what its directives came to is part of the report."""
        if name not in self.threads:
            raise Wrong(f"there is no thread ${name}")
        thread, report = self.threads.pop(name)
        thread.join()
        self.report.passed += report.passed
        self.report.failures += report.failures
        self.report.waits += report.waits

    # ------------------------------------------------------------------ modules and instances

    def _module(self, command: wast.ModuleCmd) -> None:
        """Define a module and, unless it is but a definition, make its instance of the same id."""
        spaces = (self.modules,) if command.definition else (self.modules, self.instances)
        with _defining(command.id, *spaces):
            module = self.modules[None] = self.modules[command.id] = self._load(command.module)
            if not command.definition:
                self._instance(command.id, module)

    def _instance(self, id: str | None, module: ModuleValue) -> None:
        instance = self._instantiate(module)
        self.instances[None] = self.instances[id] = instance
        if id is not None and self.linking:
            self.waiting.pop(id, None)
            self.linker.define(id, instance)

    def _load(self, module: wast.ScriptModule) -> ModuleValue:
        """A module, validated. Raises MalformedError and InvalidError."""
        try:
            return ModuleValue(validate(module.resolve()))
        except UnbuiltError as error:
            raise _Waits(error.feature) from error

    def _instantiate(self, module: ModuleValue) -> ModuleInst:
        """An instance. Raises LinkError, and what its start function and segments raise."""
        for imported in module.valid.module.imports:
            if imported.module in self.waiting:
                raise _Waits(self.waiting[imported.module].feature)
        return self.linker.instantiate(module)

    def _register(self, name: str, id: str | None) -> None:
        self.waiting.pop(name, None)
        try:
            self.linker.define(name, _look_up(self.instances, id, "instance"))
        except _Waits as wait:
            self.waiting[name] = wait
            raise

    def _broken(self, command: wast.BrokenCommand, error: MalformedError) -> None:
        """A command that does not parse: it waits if that is for want of a feature."""
        reason = _Waits(error.feature) if isinstance(error, UnbuiltError) else error
        if command.keyword != "module":
            raise reason
        with _defining(command.id, self.modules, self.instances):
            raise reason

    # ------------------------------------------------------------------ files

    def _input(self, command: wast.Input) -> None:
        """Run the script, or define the module, in a file in or below the script's folder."""
        if len(self.inputs) >= MAX_INPUTS:
            raise Wrong(f"more than {MAX_INPUTS} files put in one another: does one put in itself?")
        source = read_input(command.path, self.folder)
        if not command.path.endswith(".wast"):
            module = wast.WholeModule(source, self.linker.store.features)
            self._module(wast.ModuleCmd(command.id, False, module, command.at))
            return
        if source.text is None:
            raise Wrong(f"{command.path} is a binary module, not a test script")
        commands = wast.parse_script(source, self.linker.store.features)
        outer, self.source = self.source, source
        self.inputs.append(outer.position(command.at)[0])
        try:
            self.run(commands)
        finally:
            self.source = outer
            self.inputs.pop()

    def _output(self, command: wast.Output) -> None:
        """Print a module; files are not written, as nobody has said that a script may."""
        if command.path is not None:
            raise Wrong("a script writes no files: use `watloom print` or `watloom parse`")
        module = _look_up(self.modules, command.id, "module")
        self.report.outputs.append(print_module(module.valid.module))

    # ------------------------------------------------------------------ actions

    def _act(self, action: wast.Action) -> tuple[list[Any], tuple[ValType, ...]]:
        """Do an action: its results and their types. Raises what the program raises."""
        instance = _look_up(self.instances, action.id, "instance")
        if action.name not in instance.exports:
            raise Wrong(f"there is no export {action.name!r}")
        export = instance.exports[action.name]
        if isinstance(action, wast.Get):
            if not isinstance(export, Global):
                raise Wrong(f"export {action.name!r} is not a global, but {export!r}")
            return [export.raw], (export.type.type,)
        if not isinstance(export, FuncInst):
            raise Wrong(f"export {action.name!r} is not a function, but {export!r}")
        t = export.type.func
        if len(action.args) != len(t.params):
            raise Wrong(f"{len(action.args)} arguments for a function that takes {len(t.params)}")
        return invoke(export, list(map(self._argument, action.args, t.params))), t.results

    def _argument(self, literal: wast.Literal, param: ValType) -> Any:
        t, value = self._value(literal)
        if not matches_val(t, param):
            raise Wrong(f"an argument of type {t} where {param} is wanted")
        return value

    def _value(self, literal: wast.Literal) -> tuple[ValType, Any]:
        match literal:
            case wast.Const(t, number):
                return t, number
            case wast.RefHost(value):
                return RefType(False, AbsHeap.ANY), self._host(value)
            case wast.RefExtern(int() as value):
                return RefType(False, AbsHeap.EXTERN), self._host(value)
            case wast.RefNull(AbsHeap() as heap):
                return RefType(True, heap), None
        raise Wrong(f"{show_patterns([literal])} is a pattern, not a value")

    def _host(self, number: int) -> HostRef:
        if number not in self.hosts:
            self.hosts[number] = HostRef(HostObject(number))
        return self.hosts[number]

    # ------------------------------------------------------------------ assertions

    def _assert_action(
        self, action: wast.Action, wanted: type[WatloomError], message: str | None
    ) -> None:
        with expecting(wanted, message):
            values, types = self._act(action)
            raise Wrong(f"expected {what(wanted, message)}, got {show_all(values, types)}")

    def _assert_malformed(self, module: wast.ScriptModule, message: str) -> None:
        with expecting(MalformedError, message):
            try:
                module.resolve()
            except UnbuiltError as error:  # what is outside of WebAssembly 3.0 is rightly malformed
                if not says(error.message, message):
                    raise _Waits(error.feature) from error
                raise

    def _assert_uninstantiable(
        self, module: wast.ModuleCmd | wast.InstanceCmd, wanted: type[WatloomError], message: str
    ) -> None:
        with expecting(wanted, message):
            if isinstance(module, wast.InstanceCmd):
                loaded = _look_up(self.modules, module.module_id, "module")
            else:
                with _defining(module.id, self.modules):
                    loaded = self._load(module.module)
                    self.modules[None] = self.modules[module.id] = loaded
            self._instantiate(loaded)


def _word(command: wast.Command) -> str:
    """The keyword of a directive."""
    if isinstance(command, wast.BrokenCommand):
        return command.keyword or "script"
    if isinstance(command, wast.ModuleCmd | wast.InstanceCmd):
        return "module"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(command).__name__).lower()
