"""The programs of the error tour: how each is read, what it raises, and where in our code.

    tests/golden/errors/<phase>/<slug>[-variant].<ending>    the program: it makes one mistake
    tests/golden/errors/<phase>/<slug>[-variant].txt         what is said about it

<slug> is the name of the message in its catalogue, <phase> says how far the program gets:

    text    .wat .hex   it is not in the text format (.hex: nor in any other)
    script  .wast       the same of a test script's command
    binary  .hex        it is not in the binary format
    encode  .wat        it can be said in text only
    valid   .wat .hex   it breaks a typing rule
    link    .wat        its imports do not fit; in a folder, main.wat imports the files beside it
    lower   .wat        it has no form without module linking
    unbundle .wat       it cannot be files

.hex holds hexadecimal bytes with comments. Lines at the top of a program can say how it is read:

    ;; proposal: +unique-imports -module-linking
    ;; dialect: legacy
    ;; given: {"env": {"f": 1}}              imports, as a Python expression; `instance(text)` makes
                                             one in the same store, `elsewhere(text)` in another
    ;; target: mvp                        what it is lowered to
    ;; unreadable: lib.wat                   a file that the operating system refuses to read
    ;; where MANY is 300 times (module       stands for a long text
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest import mock

import watloom
from watloom import Linker, Store
from watloom.interp.core.errors import InvalidError, LinkError, MalformedError, WatloomError
from watloom.interp.core.features import DEFAULT, WASM3, Features
from watloom.interp.core.source import Source
from watloom.interp.core.types import Limits as MemoryLimits
from watloom.interp.link.load import parse, source_of
from watloom.interp.link.lower import Target, lower
from watloom.interp.link.unbundle import unbundle
from watloom.interp.runtime.values import ModuleValue
from watloom.interp.validate import validate
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.wast import BrokenCommand, ModuleCmd, parse_script

HOME = Path(__file__).resolve().parents[1] / "golden" / "errors"

#: What each phase raises.
PHASES: dict[str, type[WatloomError]] = {
    "text": MalformedError,
    "script": MalformedError,
    "binary": MalformedError,
    "encode": MalformedError,
    "valid": InvalidError,
    "link": LinkError,
    "lower": LinkError,
    "unbundle": LinkError,
}

# ------------------------------------------------------------------ programs


def programs() -> list[str]:
    """The programs, as paths in HOME without their endings."""
    files = [p for p in HOME.glob("*/*") if p.is_file() and p.suffix in (".wat", ".wast", ".hex")]
    folders = [p for p in HOME.glob("*/*") if p.is_dir()]
    found = [p.relative_to(HOME).with_suffix("").as_posix() for p in files + folders]
    assert len(found) == len(set(found)), "two programs have one golden file"
    return sorted(found)


def _file(program: str) -> Path:
    path = HOME / program
    if path.is_dir():
        (main,) = path.rglob("main.wat")
        return main
    (found,) = (path.with_name(f"{path.name}{e}") for e in (".wat", ".wast", ".hex")
                if path.with_name(f"{path.name}{e}").exists())  # fmt: skip
    return found


@dataclass
class Setting:
    """What the lines at the top of a program say, and the program below and with them."""

    text: str
    features: Features
    given: str = "{}"
    unreadable: str | None = None
    target: Target = "3.0"


_OPTION = re.compile(r";; (proposal|dialect|given|unreadable|target|where)(?::| )\s*(.*)")


def _setting(text: str, features: Features) -> Setting:
    setting = Setting(text, features)
    words: list[tuple[str, str]] = []
    for line in text.splitlines():
        found = _OPTION.fullmatch(line)
        if not found:
            break
        option, value = found.groups()
        if option == "proposal":
            setting.features = setting.features.with_(value.split())
        elif option == "dialect":
            assert value == "legacy", "the strict one is the default"
            setting.features = setting.features.with_((), "legacy")
        elif option == "given":
            setting.given = value
        elif option == "unreadable":
            setting.unreadable = value
        elif option == "target":
            assert value == "mvp", "3.0 is the default"
            setting.target = "mvp"
        else:
            parts = re.fullmatch(r"([A-Z]+) is (\d+) times (.*)", value)
            assert parts, line
            words.append((parts[1], (parts[3] + " ") * int(parts[2])))
    top, body = text[: len(text) - len(_below(text))], _below(text)
    for word, meaning in words:
        body = re.sub(rf"\b{word}\b", lambda _, meaning=meaning: meaning, body)
    setting.text = top + body
    return setting


def _below(text: str) -> str:
    """What follows the options."""
    lines = text.splitlines(keepends=True)
    while lines and _OPTION.fullmatch(lines[0].rstrip("\n")):
        del lines[0]
    return "".join(lines)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(re.sub(r";;.*", "", text))


# ------------------------------------------------------------------ running them


@cache
def error_of(program: str) -> WatloomError:
    """The error that a program raises."""
    phase = program.split("/")[0]
    path = _file(program)
    start = WASM3 if phase == "script" else DEFAULT
    setting = _setting(path.read_text(encoding="utf-8"), start)
    try:
        _run(phase, path, setting)
    except WatloomError as error:
        return error
    raise AssertionError(f"{program} raises nothing")


def rendered(program: str) -> str:
    """The diagnostic of a program, folders left out."""
    folder = (HOME / program).parent.as_posix()
    shown = error_of(program).render().replace(f"{folder}/", "").replace(folder, "<folder>")
    return f"{shown}\n"


def _run(phase: str, path: Path, setting: Setting) -> None:
    features = setting.features
    source = _source(phase, path, setting)
    if phase == "script":
        _read_script(source, features)
        return
    module = decode_module(source, features) if source.data is not None else parse(source, features)
    if phase == "encode":
        encode_module(module)
    elif phase == "valid":
        validate(module)
    elif phase == "link":
        _link(path, source, setting)
    elif phase == "unbundle":
        unbundle(source, setting.features, "main.wat")
    elif phase == "lower":
        linker = Linker(Store(features=setting.features))
        lower(ModuleValue(validate(module)), linker, setting.target)


def _source(phase: str, path: Path, setting: Setting) -> Source:
    if path.suffix != ".hex":
        return Source(path.name, setting.text, folder=str(path.parent))
    data = _bytes(setting.text)
    name = path.with_suffix(".wasm").name
    return source_of(data, name) if phase == "text" else Source(name, data=data)


def _read_script(source: Source, features: Features) -> None:
    for command in parse_script(source, features):
        if isinstance(command, BrokenCommand):
            raise command.error
        if isinstance(command, ModuleCmd):
            command.module.resolve()


def _link(path: Path, source: Source, setting: Setting) -> None:
    linker = Linker(Store(features=setting.features))
    names = {
        "watloom": watloom,
        "instance": linker.instantiate,
        "elsewhere": watloom.instantiate,
        "limits": MemoryLimits,
    }
    given = eval(setting.given, names)
    module = ModuleValue(validate(parse(source, setting.features)))
    read = Path.read_bytes

    def read_bytes(file: Path) -> bytes:
        if file.name == setting.unreadable:
            raise PermissionError(13, "Permission denied", str(file))
        return read(file)

    with mock.patch.object(Path, "read_bytes", read_bytes):
        linker.instantiate(module, given)


# ------------------------------------------------------------------ where errors are raised

ROOT = Path(watloom.__file__).resolve().parents[1]
SCANNED = ("parser", "interp/isa", "interp/validate", "interp/link")

#: Not diagnostics of these phases: traps, mistakes of ours, mistakes of a caller in Python, room.
_OTHERS = {
    "m.trap", "Bug", "ExhaustionError", "HostValueError", "KeyError", "NotImplementedError",
    "TypeError", "ValueError",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A `raise` statement. Two that read the same in one file are told apart by their number."""

    file: str
    text: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.file}:{self.first}: {self.text}"


def raise_sites() -> list[Site]:
    """Every `raise` of a diagnostic in the phases that read, check and link programs."""
    found: list[Site] = []
    for folder in SCANNED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            file = path.relative_to(ROOT).as_posix()
            found += _raises(file, path.read_text(encoding="utf-8"))
    return found


def _raises(file: str, text: str) -> Iterator[Site]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Raise) or node.exc is None:
            continue
        called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        if ast.unparse(called) not in _OTHERS:
            assert node.end_lineno is not None
            yield Site(file, ast.unparse(node), node.lineno, node.end_lineno)


def places(error: BaseException) -> Iterator[tuple[str, int]]:
    """The file and line of each frame of ours that the error passed through."""
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename).resolve()
        if path.is_relative_to(ROOT):
            yield path.relative_to(ROOT).as_posix(), trace.tb_lineno
        trace = trace.tb_next
