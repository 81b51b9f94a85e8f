"""Arguments and results in words, read from memory safely: what lies outside is said, not read."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from watloom.interp.core.errors import Trap
from watloom.interp.host.codec import Codec, Unfit, reader
from watloom.interp.host.errnos import Errno
from watloom.interp.host.function import Function
from watloom.interp.host.pointers import List, Ptr
from watloom.interp.runtime.convert import to_python
from watloom.interp.runtime.instance import ModuleInst

__all__ = ["readable", "shown", "shown_arguments", "shown_result"]

_ITEMS, _CHARS, _DEPTH, _LONGEST = 8, 60, 4, 500


def shown(value: Any, depth: int = 0) -> str:
    """A value as a log shows it: short, whatever it is.

    >>> shown([1, "a", None, True]), shown(b"x" * 100)[-3:]
    ('[1, "a", null, True]', "x…'")
    """
    if value is None:
        return "null"
    if isinstance(value, str):
        cut = value if len(value) <= _CHARS else value[:_CHARS] + "…"
        return '"' + readable(cut.replace("\\", "\\\\").replace('"', '\\"')) + '"'
    if isinstance(value, bytes | memoryview):
        cut = repr(bytes(value[:_CHARS]))
        return cut if len(value) <= _CHARS else f"{cut[:-1]}…'"
    if isinstance(value, timedelta):
        return str(value)
    if depth >= _DEPTH:
        return "…"
    if isinstance(value, Ptr):
        return f"&{shown(value.value, depth + 1)}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields([(f.name, getattr(value, f.name)) for f in dataclasses.fields(value)], depth)
    names = getattr(getattr(value, "dtype", None), "names", None)
    shape = getattr(value, "shape", None)
    if names and not shape:  # one element of an array of structs
        return _fields([(name, value[name]) for name in names], depth)
    if isinstance(value, list | tuple | List) or shape:
        return _items(value, depth)
    return str(value.item()) if hasattr(value, "item") else f"{value!r:.{_CHARS}}"


def readable(text: str) -> str:
    """A text on one line, and in the order in which it is written: controls are escaped.

    >>> print(readable("a\\n\\x1b[31mé\\u202e"))
    a\\n\\x1b[31mé\\u202e
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _fields(pairs: list[tuple[str, Any]], depth: int) -> str:
    return "{" + ", ".join(f"{name}:{shown(v, depth + 1)}" for name, v in pairs) + "}"


def _items(values: Sequence[Any], depth: int) -> str:
    first = [shown(value, depth + 1) for value in values[:_ITEMS]]
    more = [f"… {len(values) - _ITEMS} more"] if len(values) > _ITEMS else []
    return f"[{', '.join([*first, *more])}]"


def shown_arguments(function: Function, instance: ModuleInst | None, slots: Sequence[Any]) -> str:
    """The arguments of a call, from its slots."""
    if function.is_raw:
        return _core_values(slots, function.type.func.params)
    words, at = [], 0
    for param in function.params:
        if param.codec is not None:
            end = at + len(param.codec.slots)
            words.append(_read(param.codec, instance, slots[at:end]))
            at = end
    return ", ".join(words)


def shown_result(function: Function, result: Any) -> str:
    """What a call gave back, from its slots."""
    types = function.type.func.results
    slots: tuple[Any, ...] = () if not types else (result,) if len(types) == 1 else result
    if function.is_raw:
        return _core_values(slots, types) or "nothing"
    words, at = [], 0
    if function.result.errno and (slots[-1] or not function.result.codecs):
        return Errno(slots[-1]).name if slots[-1] < len(Errno) else f"errno {slots[-1]}"
    for codec in function.result.codecs:
        words.append(_read(codec, None, slots[at : at + len(codec.slots)]))
        at += len(codec.slots)
    return words[0] if len(words) == 1 else f"({', '.join(words)})" if words else "nothing"


def _core_values(slots: Sequence[Any], types: Sequence[Any]) -> str:
    return ", ".join(shown(to_python(v, t)) for v, t in zip(slots, types, strict=True))


def _read(codec: Codec, instance: ModuleInst | None, slots: Sequence[Any]) -> str:
    try:
        text = shown(reader(codec, codec.name)(instance, *slots))
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    except Trap as trap:
        return f"<{trap.help or trap.message}>"
    except Unfit:
        return _core_values(slots, codec.slots)
    except Exception as error:  # a user's own type said no: that is for the call itself to tell
        return f"<{codec}: {type(error).__name__}>"
