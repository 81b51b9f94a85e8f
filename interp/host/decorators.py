"""What can be put around host functions: logs, times, refusals, counts.

    @logged(print)                          around every function of a class, …
    class Geometry(HostModule): ...
        @export
        @denied(Errno.ACCES)                … around one, …
        def area(self, …) -> …: ...
    linker.add(logged(print)(Geometry()))   … or around those of one object

They compose: the one on top is the outermost. They see calls as slots, so also those whose
arguments turn out to lie outside of memory.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

from watloom.interp.core.errors import Trap
from watloom.interp.host import messages
from watloom.interp.host.errnos import Errno
from watloom.interp.host.function import Function
from watloom.interp.host.module import HostModule
from watloom.interp.host.show import readable, shown_arguments, shown_result
from watloom.interp.runtime.exceptions import Thrown
from watloom.interp.runtime.instance import ModuleInst

__all__ = ["Decorator", "counted", "denied", "logged", "timed"]

T = TypeVar("T")
Call = Callable[..., Any]
Find = Callable[[], ModuleInst | None]
End = Callable[[Any, BaseException | None], None]


class Decorator:
    """The base: override `before` to watch calls, or `wrap` to change what a call does."""

    def __call__(self, target: T) -> T:
        """Put it around a method, a class or an object. Raises DefinitionError."""
        where: Any = target
        if isinstance(target, HostModule):
            self._check(type(target))
            target.__dict__["_decorators"] = (self, *target.__dict__.get("_decorators", ()))
        elif isinstance(target, type) and issubclass(target, HostModule):
            self._check(target)
            where.decorators = (self, *where.decorators)
        else:
            where.__wasm_decorators__ = (self, *getattr(target, "__wasm_decorators__", ()))
        return target

    def _check(self, cls: type[HostModule]) -> None:
        for function in cls.functions.values():
            self.check(function)

    def check(self, function: Function) -> None:
        """Raise DefinitionError for a function that this cannot be put around."""

    def before(self, function: Function, instance: ModuleInst | None, slots: Sequence[Any]) -> End:
        """A call begins; what is given back is called when it ends, with result and exception."""
        return _nothing

    def wrap(self, function: Function, call: Call, caller: Find) -> Call:
        """A call (slots in, slots out; a coroutine function where the method is) with this around.

        `caller()` is the instance that called.
        """

        async def waiting(*slots: Any) -> Any:
            end = self.before(function, caller(), slots)
            try:
                result = await call(*slots)
            except BaseException as error:
                end(None, error)
                raise
            end(result, None)
            return result

        def direct(*slots: Any) -> Any:
            end = self.before(function, caller(), slots)
            try:
                result = call(*slots)
            except BaseException as error:
                end(None, error)
                raise
            end(result, None)
            return result

        return waiting if function.is_async else direct


class logged(Decorator):
    """Tells each call: `geometry::area([{x:1, y:2}]) → 3`.

    `to` is a function of a line, or a logging.Logger (at INFO).
    """

    def __init__(self, to: Callable[[str], object] | logging.Logger = print) -> None:
        self.tell: Callable[[str], object] = to.info if isinstance(to, logging.Logger) else to

    def before(self, function: Function, instance: ModuleInst | None, slots: Sequence[Any]) -> End:
        arguments = shown_arguments(function, instance, slots)

        def end(result: Any, error: BaseException | None) -> None:
            error = error.error or error if isinstance(error, Thrown) else error
            if error is None:
                shown = shown_result(function, result)
            else:
                shown = readable(f"{type(error).__name__}: {error}".rstrip(": "))
            self.tell(f"{function.module}::{function.name}({arguments}) → {shown}")

        return end


class timed(Decorator):
    """Adds up the seconds in each function, and calls `report(name, seconds)` after each call."""

    def __init__(self, report: Callable[[str, float], object] | None = None) -> None:
        self.report = report
        self.seconds: dict[str, float] = {}
        """By `geometry.area`: the sum of all calls."""

    def before(self, function: Function, instance: ModuleInst | None, slots: Sequence[Any]) -> End:
        began = time.perf_counter()

        def end(result: Any, error: BaseException | None) -> None:
            took, name = time.perf_counter() - began, str(function)
            self.seconds[name] = self.seconds.get(name, 0.0) + took
            if self.report is not None:
                self.report(name, took)

        return end


class counted(Decorator):
    """Counts calls, also those that fail."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        """By `geometry.area`."""

    def before(self, function: Function, instance: ModuleInst | None, slots: Sequence[Any]) -> End:
        self.calls[str(function)] += 1
        return _nothing


def _nothing(result: Any, error: BaseException | None) -> None: ...


class denied(Decorator):
    """Answers in the function's place: with an errno, or with a trap.

    Raises DefinitionError for a function that gives back no Errno and is denied with one.
    """

    def __init__(self, how: Errno | Literal["trap"] = Errno.ACCES) -> None:
        self.how = how if how == "trap" else Errno(how)

    def check(self, function: Function) -> None:
        if self.how != "trap" and not function.result.errno:
            raise messages.cannot_deny(where=function.where)

    def wrap(self, function: Function, call: Call, caller: Find) -> Call:
        if self.how == "trap":

            def answer(*slots: Any) -> Any:
                raise Trap(f"denied: {function}")

        else:
            failure: Any = function.result.refusal(int(self.how))

            def answer(*slots: Any) -> Any:
                return failure

        async def waiting(*slots: Any) -> Any:
            return answer(*slots)

        return waiting if function.is_async else answer
