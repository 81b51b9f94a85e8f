"""The prompt of `watloom step`: words in, a session's methods called, lines out."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from watloom.cli import report
from watloom.cli.values import show_result
from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.errors import WasiExit, WatloomError
from watloom.interp.core.messages import nearest
from watloom.interp.core.types import ValType
from watloom.interp.debug.debugger import Reason, Session, Stop
from watloom.interp.debug.format import printable
from watloom.interp.debug.places import PlaceError
from watloom.interp.debug.views import Views

__all__ = ["Prompt"]


@dataclass(frozen=True, slots=True)
class _Command:
    """What a person types, what it does, and the method that does it."""

    usage: str
    doc: str
    method: str
    least: int = 0
    most: int = 0


_COMMANDS = (
    _Command("step [N]", "run one instruction, or N", "step", 0, 1),
    _Command("over", "the same, but a call with all that happens in it", "over"),
    _Command("out", "run until the function has returned", "out"),
    _Command("until LINE|FUNC", "run to a line (FILE:LINE) or a function's entry", "until", 1, 1),
    _Command("continue", "run to the next breakpoint or the end", "resume"),
    _Command("back [N]", "undo one step, or N", "back", 0, 1),
    _Command("break [LINE|FUNC]", "set a breakpoint, or list them", "break_", 0, 1),
    _Command("delete [N]", "delete a breakpoint, or all", "delete", 0, 1),
    _Command("where", "the call stack", "where"),
    _Command("list [N]", "the source here, N lines to each side", "list", 0, 1),
    _Command("stack", "the operand stack, the top first", "stack"),
    _Command("locals [FRAME]", "the locals; frame numbers are those of `where`", "locals", 0, 1),
    _Command("globals", "the globals of the instance whose code runs", "globals"),
    _Command("memory ADDR [LEN [MEM]]", "bytes of a memory", "memory", 1, 3),
    _Command("print NAME", "a local or global, with its fields", "print", 1, 2),
    _Command("help", "this list", "help"),
    _Command("quit", "leave", "quit"),
)
_BY_NAME = {command.usage.split()[0]: command for command in _COMMANDS}
_SHORT = {
    "s": "step", "o": "over", "u": "until", "c": "continue", "b": "break", "w": "where",
    "l": "list", "m": "memory", "p": "print", "h": "help", "q": "quit", "?": "help",
}  # fmt: skip

_HELP = """\
An empty line repeats the last command. Places and addresses: 12, lib.wat:12, factorial, 0x400.
Going back restores the very same state, also from behind a trap; what the program did outside
(files written, lines printed) stays done, and is done again when the steps are."""


class _Leave(Exception):
    """`quit`."""


class Prompt:
    """Reads commands from `lines`, writes to `out`; gives an exit status."""

    def __init__(
        self, session: Session, results: Sequence[ValType], lines: TextIO, out: TextIO
    ) -> None:
        self.session = session
        self.results = results
        self.lines = lines
        self.out = out
        self.views = Views(session)

    def run(self) -> int:
        """Until `quit` or the end of input."""
        interactive = self.lines.isatty()
        if interactive:
            with contextlib.suppress(ImportError):  # not on every system
                import readline  # noqa: F401  (input() uses it)
            self._say("`help` lists the commands.")
        if self.session.ended:
            self._stopped(Stop(Reason.RAISED))
        else:
            self._show(self.views.here())
        last = ""
        while True:
            try:
                line = self._read(interactive)
                if line is None:
                    break
                last = line.strip() or last
                self._do(last)
            except _Leave:
                break
            except KeyboardInterrupt:  # at the prompt: forget the line
                self._say("")
        return self._status()

    def _read(self, interactive: bool) -> str | None:
        self.out.flush()
        if not interactive:
            return self.lines.readline() or None
        try:
            return input("(watloom) ")
        except EOFError:
            self._say("")
            return None

    def _do(self, line: str) -> None:
        try:
            words = shlex.split(line, comments=True, posix=False)
        except ValueError as error:
            self._say(f"error: {error}")
            return
        if not words:
            return
        word, *arguments = words
        command = _BY_NAME.get(_SHORT.get(word, word))
        if command is None:
            close = nearest(word, list(_BY_NAME))
            self._say(
                f"error: no command {word!r}" + (f"\nhelp: did you mean {close}?" if close else "")
            )
        elif not command.least <= len(arguments) <= command.most:
            self._say(f"error: usage: {command.usage}")
        else:
            try:
                getattr(self, f"do_{command.method}")(*arguments)
            except WatloomError as error:
                self._say(error.render())
            except _NotANumber as error:
                self._say(f"error: {error} is not a number\nhelp: {command.usage}")

    # ------------------------------------------------------------------ moving

    def do_step(self, count: str = "1") -> None:
        steps = _number(count)
        self._move(lambda: self.session.step(steps))

    def do_over(self) -> None:
        self._move(self.session.over)

    def do_out(self) -> None:
        self._move(self.session.out)

    def do_until(self, place: str) -> None:
        target = self.session.target(place)
        self._move(lambda: self.session.until(target))

    def do_resume(self) -> None:
        self._move(self.session.resume)

    def do_back(self, count: str = "1") -> None:
        self._stopped(self.session.back(_number(count)))

    def _move(self, move: Callable[[], Stop]) -> None:
        if self.session.ended:
            self._say("the program is over; `back` returns into it")
            return
        self.out.flush()  # the program writes past us
        self._stopped(move())

    def _stopped(self, stop: Stop) -> None:
        error = self.session.error
        if stop.reason is Reason.RAISED and error is not None:
            self._say(_told(error))
            self._say("the state can be looked at; `back` goes back")
            return
        if stop.reason is Reason.DONE:
            pairs = zip(self.session.machine.stack, self.results, strict=True)
            shown = " ".join(show_result(value, t) for value, t in pairs)
            self._say(f"done after {self.session.position} steps{': ' + shown if shown else ''}")
            return
        if stop.reason is Reason.BREAKPOINT:
            self._say(f"breakpoint {stop.breakpoint}")
        elif stop.reason is Reason.OLDEST:
            self._say("nothing before this is remembered" if self.session.position else "the start")
        elif stop.reason is Reason.INTERRUPTED:
            self._say("interrupted")
        self._show(self.views.here())

    # ------------------------------------------------------------------ breakpoints

    def do_break_(self, place: str | None = None) -> None:
        breakpoints = self.session.breakpoints
        if place is not None:
            number = breakpoints.add(self.session.target(place))
            self._say(f"breakpoint {number} at {breakpoints.targets[number]}")
            return
        self._show(f"{number} at {target}" for number, target in breakpoints.targets.items())
        if not breakpoints:
            self._say("no breakpoints")

    def do_delete(self, number: str | None = None) -> None:
        targets = self.session.breakpoints.targets
        if number is None:
            targets.clear()
        elif targets.pop(_number(number), None) is None:
            raise PlaceError(f"there is no breakpoint {number}")

    # ------------------------------------------------------------------ looking

    def do_where(self) -> None:
        self._show(self.views.where())

    def do_list(self, around: str = "5") -> None:
        self._show(self.views.source(_number(around)))

    def do_stack(self) -> None:
        self._show(self.views.stack())

    def do_locals(self, frame: str = "0") -> None:
        self._show(self.views.locals(_number(frame)))

    def do_globals(self) -> None:
        self._show(self.views.globals())

    def do_memory(self, address: str, length: str = "64", index: str = "0") -> None:
        self._show(self.views.memory(_number(address), _number(length), _number(index)))

    def do_print(self, *name: str) -> None:
        self._show(self.views.value(" ".join(name)))

    def do_help(self) -> None:
        short = {long: letter for letter, long in _SHORT.items() if letter != "?"}
        for command in _COMMANDS:
            letter = short.get(command.usage.split()[0], "")
            self._say(f"  {command.usage:<24} {letter:<2} {command.doc}")
        self._say(_HELP)

    def do_quit(self) -> None:
        raise _Leave

    # ------------------------------------------------------------------ saying

    def _say(self, text: str) -> None:
        self.out.write(printable(text) + "\n")

    def _show(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._say(line)

    def _status(self) -> int:
        """What the program's end means, as far as it has come to one."""
        error: Any = self.session.error
        if error is None:
            return 0
        if isinstance(error, WasiExit):
            return error.code
        return report.TRAPPED if isinstance(error, WatloomError) else report.BUG


class _NotANumber(Exception):
    """A word that is no number."""


def _number(word: str) -> int:
    try:
        return int(word, 0)
    except ValueError:
        raise _NotANumber(word) from None


def _told(error: Exception) -> str:
    if isinstance(error, WatloomError):
        return error.render()
    return f"a host function raised {type(error).__name__}: {error}"
