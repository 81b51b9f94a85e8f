"""Every error that the project raises.

    WatloomError
    ├── MalformedError          the text or the bytes are not in the format
    │   └── UnbuiltError        … because they use a feature that is not built or not on
    ├── InvalidError            well formed, but against the typing rules
    ├── LinkError               imports and what was given for them do not fit
    ├── GuestError              raised while a program runs; carries the Wasm call stack
    │   ├── Trap                the program did what the spec answers with a trap
    │   ├── ExhaustionError     the call stack (or another resource of the machine) ran out
    │   ├── LimitError          a limit that the embedder set was reached
    │   └── WasmException       a Wasm exception that no guest caught
    ├── WasiExit                the program asked to end, with a code
    ├── DefinitionError         a host module's class is wrong, found when it is defined
    ├── HostValueError          a Python value that does not fit the Wasm type at the boundary
    └── Bug                     an impossible state in valid code: a mistake of ours

A host function's own exception is none of these: it passes through untouched.
"""

from __future__ import annotations

from collections.abc import Sequence

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.source import Source, Span

__all__ = [
    "Bug",
    "DefinitionError",
    "ExhaustionError",
    "GuestError",
    "HostValueError",
    "InvalidError",
    "LimitError",
    "LinkError",
    "MalformedError",
    "Note",
    "Trap",
    "TraceEntry",
    "UnbuiltError",
    "WasiExit",
    "WasmException",
    "WatloomError",
]


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains the first: "opened here", "pushed here"."""

    text: str
    span: Span | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One frame of a Wasm call stack: the function's name and where in it execution stood."""

    name: str
    source: Source | None = None
    span: Span | None = None

    def __str__(self) -> str:
        where = f" at {self.source.where(self.span)}" if self.source else ""
        return f"{self.name}{where}"


class WatloomError(Exception):
    """What all errors have: a message, a place, and what to do about it."""

    kind = "error"

    def __init__(
        self,
        message: str,
        *,
        source: Source | None = None,
        span: Span | None = None,
        help: str | None = None,
        notes: Sequence[Note] = (),
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.span = span
        self.help = help
        self.notes = list(notes)
        self.slug = code
        """The name of the message in its catalogue (`interp.core.messages`)."""

    def located(self, source: Source | None, span: Span | None = None) -> WatloomError:
        """Fill in the place where it is not known yet; returns the error itself."""
        if self.source is None:
            self.source = source
        if self.span is None:
            self.span = span
        return self

    def render(self) -> str:
        """The whole diagnostic: `FILE:LINE:COL: error: …`, the line, the carets, notes and help."""
        where = f"{self.source.where(self.span)}: " if self.source else ""
        parts = [f"{where}{self.kind}: {self.message}"]
        if self.source and self.span:
            parts.append(self.source.excerpt(self.span))
        for note in self.notes:
            source = note.source or self.source
            place = f"{source.where(note.span)}: " if source and note.span else ""
            parts.append(f"{place}note: {note.text}")
            if source and note.span:
                parts.append(source.excerpt(note.span))
        if self.help:
            parts.append(f"help: {self.help}")
        return "\n".join(part for part in parts if part)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(cls: type[WatloomError], args: tuple[object, ...], state: dict[str, object]) -> object:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class MalformedError(WatloomError):
    """The text or the bytes are not in the format."""


class UnbuiltError(MalformedError):
    """A feature that is not built, or not on; `.feature` names it."""

    def __init__(self, message: str, *, feature: str = "", **where: object) -> None:
        super().__init__(message, **where)  # type: ignore[arg-type]
        self.feature = feature


class InvalidError(WatloomError):
    """Well formed, but against the typing rules."""


class LinkError(WatloomError):
    """Imports and what was given for them do not fit."""


class GuestError(WatloomError):
    """What happens while a program runs carries the Wasm call stack, innermost frame first."""

    def __init__(self, message: str, **where: object) -> None:
        super().__init__(message, **where)  # type: ignore[arg-type]
        self.stack: list[TraceEntry] = []

    def render(self) -> str:
        shown = self.stack if len(self.stack) <= 20 else [*self.stack[:10], None, *self.stack[-9:]]
        skipped = f"  … {len(self.stack) - 19} frames …"
        lines = [f"  in {frame}" if frame else skipped for frame in shown]
        return "\n".join([super().render(), *lines])


class Trap(GuestError):
    """The program trapped; `.code` is the spec's message text."""

    kind = "trap"

    @property
    def code(self) -> str:
        """The spec's text of the trap, such as "integer divide by zero"."""
        return self.message


class ExhaustionError(GuestError):
    """The call stack ran out."""

    kind = "exhaustion"


class LimitError(GuestError):
    """A limit that the embedder set (fuel, memory, table, seconds) was reached."""

    kind = "limit"


class WasmException(GuestError):
    """A Wasm exception that no guest caught, with its tag and values.

    A host function may raise one, for guests to catch: `tag` is a `watloom.Tag` or an instance's
    export, `values` are Python values for its parameters.
    """

    kind = "uncaught exception"

    def __init__(
        self, tag: object, values: Sequence[object] = (), message: str | None = None
    ) -> None:
        name = getattr(tag, "name", None)
        super().__init__(message or f"tag {name}" if name else message or "a tag without a name")
        self.tag = tag
        self.values = tuple(values)
        self.exception: object = None
        """The exception itself, as guests hold it in an exnref; None until it was in one."""

    def __reduce__(self) -> tuple[object, ...]:
        """To another process go the tag and the values, not the store that they are of."""
        return (_rebuild, (type(self), self.args, {**self.__dict__, "exception": None}))


class WasiExit(WatloomError):
    """The program asked to end; `.code` is its exit code."""

    kind = "exit"

    def __init__(self, code: int) -> None:
        super().__init__(f"exit with code {code}")
        self.code = code


class HostValueError(WatloomError, TypeError):
    """A Python value that does not fit the Wasm type it should become."""


class DefinitionError(WatloomError, TypeError):
    """A host module's class is wrong: raised where it is defined, before anything is linked."""

    kind = "error in a host module"

    def __str__(self) -> str:
        # a mistake in Python is told by Python's traceback, which knows no `help`
        return f"{self.message}\nhelp: {self.help}" if self.help else self.message


class Bug(WatloomError):
    """An impossible state in valid code; please report it."""

    kind = "bug in watloom"
