"""The adapter of an exported method: Python source, made once, when the class is defined.

    def area(self, points: Array[Point]) -> I32: ...

becomes, readable in tracebacks and as `Function.source`:

    def bind(_call, _caller, _store, _thrown):
        def area(points, points_len):
            try:
                _memory = _memory_of(_caller())
                if points + points_len * 8 > _len(_memory.data):
                    _outside(_memory, points, points_len * 8, '`points` of geometry.area')
                _result = _call(_Array_Point(_memory, points, points_len, …))
            except _WasmException as _error:
                raise _thrown(_error)
            if _result.__class__ is not _int or not 0 <= _result <= 0x3fffffff:
                if _result.__class__ is not _int or not -0x80000000 <= _result <= 0x7fffffff:
                    _result = _fit_I32(_result, 'the result of geometry.area')
                _result &= 0xffffffff
            return _result
        return area

`bind` is called for each host module object in each store. `_caller()` is the instance that called;
`_thrown` makes of a WasmException what the tier at hand throws. Names with an underscore are ours.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import WasmException
from watloom.interp.core.published import publish
from watloom.interp.host.access import memory_of
from watloom.interp.host.buffers import BadText
from watloom.interp.host.codec import Writer
from watloom.interp.host.errnos import Errno, errno_of
from watloom.interp.runtime.values import Caller

if TYPE_CHECKING:
    from watloom.interp.host.function import Function, Param

__all__ = ["make_adapter", "slot_names"]

_numbers = count(1)


def make_adapter(function: Function, owner: type) -> Callable[..., Callable[..., Any]]:
    """The `bind` of a function, its source registered for tracebacks as long as the class lives."""
    w = Writer()
    source = _source(function, w)
    filename = f"<host {next(_numbers)}: {function}>"
    function.source = source
    publish(owner, filename, source)
    w.names["__name__"] = f"<host {function}>"
    exec(compile(source, filename, "exec"), w.names)
    bind: Callable[..., Callable[..., Any]] = w.names["bind"]
    return bind


def _source(function: Function, w: Writer) -> str:
    slots = slot_names(function.params, {_entry_name(function)})
    arguments = []
    for param in function.params:
        if param.codec is None:
            arguments.append(f"{w.name('Caller', Caller)}({w.instance()})")
        else:
            what = f"`{param.name}` of {function}"
            arguments.append(param.codec.decode(w, slots[param.name], what))
    checks, w.lines = w.lines, []
    function.result.encode(w, f"the result of {function}")
    results, w.lines = w.lines, []
    wait = "await " if function.is_async else ""
    names = [name for group in slots.values() for name in group]
    call = f"_result = {wait}_call({', '.join(arguments)})"
    body = [
        "try:",
        *[f"    {line}" for line in [*_setup(w), *checks, call]],
        "except _WasmException as _error:",
        "    raise _thrown(_error)",
        *_failures(function, w),
        *results,
    ]
    w.names.update(_WasmException=WasmException)
    entry = _entry_name(function)
    head = f"{'async ' * function.is_async}def {entry}({', '.join(names)}):"
    lines = [f"# {function.signature()}"]
    lines += ["def bind(_call, _caller, _store, _thrown):", f"    {head}"]
    lines += [f"        {line}" for line in body]
    return "\n".join([*lines, f"    return {entry}", ""])


def _entry_name(function: Function) -> str:
    """The method's own name for tracebacks, where it is none of ours."""
    name = function.method
    usable = name.isidentifier() and not keyword.iskeyword(name)
    return name if usable and not name.startswith("_") else "method"


def _setup(w: Writer) -> list[str]:
    """What is asked once for all parameters."""
    lines = ["_instance = _caller()"] if w.needs_instance else []
    if w.needs_memory:
        w.name("memory_of", memory_of)
        lines.append(f"_memory = _memory_of({'_instance' if w.needs_instance else '_caller()'})")
    return lines


def _failures(function: Function, w: Writer) -> list[str]:
    """An OSError is the guest's errno, where there is one to give back."""
    result = function.result
    if not result.errno:
        return []
    w.name("int", int)
    failed = result.failure(f"{w.name('errno_of', errno_of)}(_error)")
    bad_text = result.failure(str(int(Errno.ILSEQ)))
    return [
        f"except {w.name('BadText', BadText)} as _error:",
        "    if _error.stack: raise",  # a trap of a guest that the method called
        f"    return {bad_text}",
        f"except {w.name('OSError', OSError)} as _error:",
        f"    return {failed}",
    ]


def slot_names(params: Sequence[Param], taken: set[str]) -> dict[str, list[str]]:
    """The names of each parameter's slots: its own, then with `_len`; all of them different.

    `taken` are names that they must not have; it is added to.
    """
    slots: dict[str, list[str]] = {}
    for param in params:
        slots[param.name] = []
        for i in range(len(param.codec.slots) if param.codec else 0):
            name = param.name if i == 0 else f"{param.name}_{'len' if i == 1 else i}"
            while name in taken or name.startswith("_"):
                name = f"a{name}" if name.startswith("_") else f"{name}_"
            taken.add(name)
            slots[param.name].append(name)
    return slots
