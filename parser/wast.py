"""Test scripts (https://github.com/WebAssembly/spec/tree/main/interpreter#scripts): their commands.

A script is cut into its top-level forms first, and each is parsed alone: one that cannot be read
becomes a `BrokenCommand`, and the others still run. Modules are resolved when somebody asks.

Naming: an `id` is a `$name` without its `$`; `at` is the offset of a command in the script.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.errors import MalformedError, Note
from watloom.interp.core.features import Features
from watloom.interp.core.module import Module
from watloom.interp.core.source import Source
from watloom.interp.core.types import AbsHeap, NumType
from watloom.parser import ast, messages
from watloom.parser.driver import collector_at_rest
from watloom.parser.forms import forms
from watloom.parser.keywords import STRUCTURE
from watloom.parser.lexer import Lexer
from watloom.parser.resolve import resolve
from watloom.parser.text import parse_module

__all__ = [
    "Action", "AssertException", "AssertExhaustion", "AssertInvalid", "AssertInvalidCustom",
    "AssertMalformed", "AssertMalformedCustom", "AssertReturn", "AssertTrap", "AssertUnlinkable",
    "BinaryModule", "BrokenCommand", "Command", "Const", "Either", "Get", "Input", "InstanceCmd",
    "Invoke", "Literal", "ModuleCmd", "NanPattern", "Output", "Pattern", "QuoteModule", "RefExtern",
    "RefHost", "RefNull", "RefPattern", "Register", "ScriptModule", "TextModule", "Thread",
    "VectorPattern", "Wait", "WholeModule", "parse_script",
]  # fmt: skip


# ------------------------------------------------------------------ values and patterns


@dataclass(frozen=True, slots=True)
class Const:
    """A number or vector: integers unsigned, floats as `numerics.bits` has them."""

    type: NumType
    value: int | float


@dataclass(frozen=True, slots=True)
class RefNull:
    """`(ref.null ht)`; as a pattern any null, `heap` None in `(ref.null)`."""

    heap: AbsHeap | None


@dataclass(frozen=True, slots=True)
class RefExtern:
    """`(ref.extern n)`: the external reference of the host value n; as a pattern, any if None."""

    value: int | None


@dataclass(frozen=True, slots=True)
class RefHost:
    """`(ref.host n)`: the host value n in the hierarchy of any."""

    value: int


@dataclass(frozen=True, slots=True)
class NanPattern:
    """`nan:canonical` or `nan:arithmetic` (`canonical` False)."""

    type: NumType
    canonical: bool


@dataclass(frozen=True, slots=True)
class VectorPattern:
    """A vector with NaN patterns: per lane the bits, or the pattern. All lanes are of one width."""

    bits: int
    lanes: tuple[int | NanPattern, ...]


@dataclass(frozen=True, slots=True)
class RefPattern:
    """`(ref.func)`, `(ref.i31)`, … or `(ref)` (`heap` None): any such reference, not null."""

    heap: AbsHeap | None


@dataclass(frozen=True, slots=True)
class Either:
    """One of several patterns."""

    patterns: tuple[Pattern, ...]


Literal: TypeAlias = Const | RefNull | RefExtern | RefHost
Pattern: TypeAlias = Literal | NanPattern | VectorPattern | RefPattern | Either


# ------------------------------------------------------------------ modules


@dataclass(slots=True)
class TextModule:
    """A module written out in the script."""

    source: Source
    features: Features
    tree: ast.ModuleNode
    warnings: list[Note]

    def resolve(self) -> Module:
        """The module IR; raises MalformedError for what only names and literals tell."""
        return resolve(self.tree, self.source, self.features, list(self.warnings))


@dataclass(slots=True)
class BinaryModule:
    """`(module binary "…")`."""

    source: Source
    features: Features
    data: bytes
    at: int

    def resolve(self) -> Module:
        """The decoded module; raises MalformedError."""
        from watloom.parser.decode import decode_module

        name = f"{self.source.name}:{self.source.position(self.at)[0]} (binary)"
        return decode_module(Source(name, data=self.data), self.features)


@dataclass(slots=True)
class QuoteModule:
    """`(module quote "…")`."""

    source: Source
    features: Features
    data: bytes
    at: int

    def resolve(self) -> Module:
        """The parsed module; raises MalformedError."""
        name = f"{self.source.name}:{self.source.position(self.at)[0]} (quoted)"
        try:
            text = self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            readable = Source(name, self.data.decode("utf-8", "replace"))
            detail = f"byte 0x{self.data[error.start]:02x} in the quoted text"
            raise messages.malformed_utf8(error.start, readable, detail=detail) from None
        return parse_module(Source(name, text), self.features)


@dataclass(slots=True)
class WholeModule:
    """The module that a file holds, as text or in binary."""

    source: Source
    features: Features

    def resolve(self) -> Module:
        """The module; raises MalformedError."""
        from watloom.parser.decode import decode_module

        read = decode_module if self.source.text is None else parse_module
        return read(self.source, self.features)


ScriptModule: TypeAlias = TextModule | BinaryModule | QuoteModule | WholeModule


# ------------------------------------------------------------------ commands


@dataclass(slots=True)
class ModuleCmd:
    """`(module …)`: defines a module, and unless `definition` instantiates it at once."""

    id: str | None
    definition: bool
    module: ScriptModule
    at: int


@dataclass(slots=True)
class InstanceCmd:
    """`(module instance $id? $module?)`; without a module, the last one."""

    id: str | None
    module_id: str | None
    at: int


@dataclass(slots=True)
class Register:
    """`(register "name" $id?)`; without an id, the last instance."""

    name: str
    id: str | None
    at: int


@dataclass(slots=True)
class Invoke:
    """`(invoke $id? "name" args)`."""

    id: str | None
    name: str
    args: tuple[Literal, ...]
    at: int


@dataclass(slots=True)
class Get:
    """`(get $id? "name")`."""

    id: str | None
    name: str
    at: int


Action: TypeAlias = Invoke | Get


@dataclass(slots=True)
class AssertReturn:
    """`(assert_return action results)`."""

    action: Action
    results: tuple[Pattern, ...]
    at: int


@dataclass(slots=True)
class AssertTrap:
    """`(assert_trap action "message")`, or of a module whose instantiation traps."""

    action: Action | ModuleCmd | InstanceCmd
    message: str
    at: int


@dataclass(slots=True)
class AssertExhaustion:
    """`(assert_exhaustion action "message")`."""

    action: Action
    message: str
    at: int


@dataclass(slots=True)
class AssertException:
    """`(assert_exception action)`."""

    action: Action
    at: int


@dataclass(slots=True)
class AssertMalformed:
    """`(assert_malformed module "message")`."""

    module: ScriptModule
    message: str
    at: int


@dataclass(slots=True)
class AssertInvalid:
    """`(assert_invalid module "message")`."""

    module: ScriptModule
    message: str
    at: int


class AssertMalformedCustom(AssertMalformed):
    """`(assert_malformed_custom module "message")`: an annotation in it is malformed."""

    __slots__ = ()


class AssertInvalidCustom(AssertInvalid):
    """`(assert_invalid_custom module "message")`: an annotation in it is invalid."""

    __slots__ = ()


@dataclass(slots=True)
class AssertUnlinkable:
    """`(assert_unlinkable module "message")`."""

    module: ModuleCmd | InstanceCmd
    message: str
    at: int


@dataclass(slots=True)
class Thread:
    """`(thread $id (shared (module $id))* command*)`: a script that runs beside this one."""

    id: str
    shared: tuple[str, ...]
    commands: tuple[Command, ...]
    at: int


@dataclass(slots=True)
class Wait:
    """`(wait $id)`: until a thread has run all of its commands."""

    id: str
    at: int


@dataclass(slots=True)
class Input:
    """`(input $id? "path")`: runs the script, or defines the module, that a file holds."""

    id: str | None
    path: str
    at: int


@dataclass(slots=True)
class Output:
    """`(output $id? "path"?)`: writes a module down; without an id, the last one."""

    id: str | None
    path: str | None
    at: int


@dataclass(slots=True)
class BrokenCommand:
    """A form that could not be read: its error and keyword, and the id if it is a module."""

    error: MalformedError
    keyword: str
    id: str | None
    at: int


Command: TypeAlias = (
    ModuleCmd | InstanceCmd | Register | Invoke | Get | AssertReturn | AssertTrap | AssertExhaustion
    | AssertException | AssertMalformed | AssertInvalid | AssertUnlinkable | Thread | Wait | Input
    | Output | BrokenCommand
)  # fmt: skip


# ------------------------------------------------------------------ parsing

_HEAD = re.compile(r"\(\s*([a-z_]+)(?:\s+definition(?=\s))?(?:\s+\$([^\s()\";,]+))?")
_FIELDS = {*STRUCTURE, "alias", "instance"} - {"module"}


def parse_script(source: Source, features: Features) -> list[Command]:
    """The commands of a script; a text that begins with a module's field is one module.

    Raises MalformedError where a comment or annotation is not closed: nothing can be cut out then.
    """
    lexer = Lexer(source, features, script=True)
    with collector_at_rest():
        return _commands(source, features, lexer)


def _commands(source: Source, features: Features, lexer: Lexer) -> list[Command]:
    from watloom.parser.script import ScriptBuilder

    commands: list[Command] = []
    for start, stop in forms(lexer.text):
        head = _HEAD.match(lexer.text, start)
        keyword = head[1] if head else ""
        if not commands and keyword in _FIELDS:
            return [_bare_module(source, features)]
        try:
            command = ScriptBuilder(source, features).command_of(lexer, start, stop)
        except MalformedError as error:
            id_ = head[2] if head and keyword == "module" else None
            command = BrokenCommand(error, keyword, id_, start)
        commands.append(command)
    return commands


def _bare_module(source: Source, features: Features) -> Command:
    from watloom.parser.text import parse_tree

    try:
        tree, warnings = parse_tree(source, features)
    except MalformedError as error:
        return BrokenCommand(error, "module", None, 0)
    return ModuleCmd(None, False, TextModule(source, features, tree, warnings), 0)
