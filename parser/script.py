"""From the text of a script's command to the command: the methods that `ModuleBuilder` lacks."""

from __future__ import annotations

from bisect import bisect_left

from watloom.interp.core.source import Span
from watloom.interp.core.types import AbsHeap, NumType
from watloom.parser import ast, messages, wast
from watloom.parser.build_module import ModuleBuilder, fields_of, inline_of
from watloom.parser.build_types import Values
from watloom.parser.driver import run
from watloom.parser.lexer import Lexer
from watloom.parser.numbers import parse_f32, parse_f64, parse_int, parse_nat
from watloom.parser.strings import decode_name
from watloom.parser.vectors import LANE_BITS, check_count, parse_lane, parse_vector

__all__ = ["ScriptBuilder"]

_TYPES = {
    "i32.const": NumType.I32,
    "i64.const": NumType.I64,
    "f32.const": NumType.F32,
    "f64.const": NumType.F64,
}
_NAN_WORDS = {"nan:canonical", "nan:arithmetic"}
_PATTERNS = {
    f"ref.{heap.value}": heap
    for heap in (
        AbsHeap.ANY,
        AbsHeap.EQ,
        AbsHeap.I31,
        AbsHeap.STRUCT,
        AbsHeap.ARRAY,
        AbsHeap.FUNC,
        AbsHeap.EXN,
    )
}
_ASSERTIONS: dict[str, type[wast.AssertMalformed | wast.AssertInvalid]] = {
    "(assert_malformed": wast.AssertMalformed,
    "(assert_invalid": wast.AssertInvalid,
    "(assert_malformed_custom": wast.AssertMalformedCustom,
    "(assert_invalid_custom": wast.AssertInvalidCustom,
}


def _id(token: ast.Token | None) -> str | None:
    return token[0][1:] if token else None


def _between(lexer: Lexer, start: int, stop: int) -> ast.Noted | None:
    """The annotations of a part of the text."""
    first, end = (bisect_left(lexer.annotations, at, key=lambda a: a.at) for at in (start, stop))
    return ast.Noted(lexer.annotations[first:end], lexer.text, start) if first < end else None


class ScriptBuilder(ModuleBuilder):
    """The methods for the commands of test scripts; one builder reads one command."""

    lexer: Lexer
    """That of the whole script."""

    def command_of(self, lexer: Lexer, start: int, stop: int) -> wast.Command:
        """The command that a part of the text holds; raises MalformedError."""
        self.lexer = lexer
        command: wast.Command = run(self, lexer, "command", start, stop)
        return command

    def name_of(self, token: ast.Token) -> str:
        """The name that a string token stands for."""
        return decode_name(token[0], token[1], self.source)

    # -------------------------------------------------------------- modules

    def script_module(self, v: Values) -> wast.ModuleCmd:
        (_, at), definition, name, fields, (_, end) = v
        noted = _between(self.lexer, at, end)
        tree = ast.ModuleNode(name, fields_of(fields), at, inline_of(fields), noted)
        module = wast.TextModule(self.source, self.features, tree, self.warnings)
        return wast.ModuleCmd(_id(name), definition is not None, module, at)

    def binary_module(self, v: Values) -> wast.ModuleCmd:
        (_, at), definition, name, _, strings, _ = v
        module = wast.BinaryModule(self.source, self.features, self.bytes_of(strings), at)
        return wast.ModuleCmd(_id(name), definition is not None, module, at)

    def quote_module(self, v: Values) -> wast.ModuleCmd:
        (_, at), definition, name, _, strings, _ = v
        pieces = [self.bytes_of([token]) for token in strings or ()]
        module = wast.QuoteModule(self.source, self.features, b"".join(pieces), at)
        return wast.ModuleCmd(_id(name), definition is not None, module, at)

    def script_instance(self, v: Values) -> wast.InstanceCmd:
        (_, at), _, names, _ = v
        names = names or []
        if len(names) > 2:
            word, place = names[2]
            span = Span(place, place + len(word))
            raise messages.unexpected_token(span, self.source, word=f'"{word}"', expected='")"')
        module = _id(names[-1]) if names else None
        return wast.InstanceCmd(_id(names[0]) if len(names) == 2 else None, module, at)

    # -------------------------------------------------------------- actions

    def invoke(self, v: Values) -> wast.Invoke:
        (_, at), name, export, args, _ = v
        return wast.Invoke(_id(name), self.name_of(export), tuple(args or ()), at)

    def get(self, v: Values) -> wast.Get:
        (_, at), name, export, _ = v
        return wast.Get(_id(name), self.name_of(export), at)

    def const(self, v: Values) -> wast.Const:
        _, (word, _), (literal, at), _ = v
        type_ = _TYPES[word]
        match type_:
            case NumType.I32:
                return wast.Const(type_, parse_int(literal, 32, at, self.source))
            case NumType.I64:
                return wast.Const(type_, parse_int(literal, 64, at, self.source))
            case NumType.F32:
                return wast.Const(type_, parse_f32(literal, at, self.source))
        return wast.Const(type_, parse_f64(literal, at, self.source))

    def vector(self, v: Values) -> wast.Const | wast.VectorPattern:
        """A vector; NaN patterns in it make it a pattern."""
        _, _, shape, lanes, _ = v
        if not any(word in _NAN_WORDS for word, _ in lanes):
            return wast.Const(NumType.V128, parse_vector(shape, lanes, self.source))
        check_count(shape, len(lanes), self.source)
        return wast.VectorPattern(
            LANE_BITS[shape[0]], tuple([self._lane(shape, token) for token in lanes])
        )

    def _lane(self, shape: ast.Token, token: ast.Token) -> int | wast.NanPattern:
        word, at = token
        if word not in _NAN_WORDS:
            return parse_lane(shape[0], token, self.source)
        if shape[0][0] == "i":
            raise messages.unexpected_token(
                Span(at, at + len(word)), self.source, word=f'"{word}"', expected="a number"
            )
        return wast.NanPattern(NumType(shape[0][:3]), word == "nan:canonical")

    def ref_value(self, v: Values) -> wast.Literal:
        _, (word, _), (number, at), _ = v
        value = parse_nat(number, 32, at, self.source)
        return wast.RefExtern(value) if word == "ref.extern" else wast.RefHost(value)

    def ref_null(self, v: Values) -> wast.RefNull:
        _, _, heap, _ = v
        if not isinstance(heap, AbsHeap):
            word, place = heap if isinstance(heap, tuple) else ("(type", heap.at)
            raise messages.unexpected_token(
                place, self.source, word=f'"{word}"', expected="a heap type"
            )
        return wast.RefNull(heap)

    # -------------------------------------------------------------- patterns

    def nan_pattern(self, v: Values) -> wast.NanPattern:
        _, (word, _), (pattern, _), _ = v
        return wast.NanPattern(_TYPES[word], pattern == "nan:canonical")

    def ref_pattern(self, v: Values) -> wast.Pattern:
        _, (word, at), _ = v
        if word == "ref.null":
            return wast.RefNull(None)
        if word == "ref.extern":
            return wast.RefExtern(None)
        heap = _PATTERNS.get(word)
        if heap is None:
            span = Span(at, at + len(word))
            raise messages.unexpected_token(
                span, self.source, word=f'"{word}"', expected="the pattern of a result"
            )
        return wast.RefPattern(heap)

    def any_ref_pattern(self, v: Values) -> wast.RefPattern:
        return wast.RefPattern(None)

    def either(self, v: Values) -> wast.Either:
        return wast.Either(tuple(v[1]))

    # -------------------------------------------------------------- commands

    def register(self, v: Values) -> wast.Register:
        (_, at), name, id_, _ = v
        return wast.Register(self.name_of(name), _id(id_), at)

    def assert_module(self, v: Values) -> wast.Command:
        (word, at), command, message, _ = v
        return _ASSERTIONS[word](command.module, self.name_of(message), at)

    def assert_unlinkable(self, v: Values) -> wast.AssertUnlinkable:
        (_, at), module, message, _ = v
        return wast.AssertUnlinkable(module, self.name_of(message), at)

    def assert_trap(self, v: Values) -> wast.AssertTrap:
        (_, at), action, message, _ = v
        return wast.AssertTrap(action, self.name_of(message), at)

    def assert_return(self, v: Values) -> wast.AssertReturn:
        (_, at), action, results, _ = v
        return wast.AssertReturn(action, tuple(results or ()), at)

    def assert_exception(self, v: Values) -> wast.AssertException:
        (_, at), action, _ = v
        return wast.AssertException(action, at)

    def assert_exhaustion(self, v: Values) -> wast.AssertExhaustion:
        (_, at), action, message, _ = v
        return wast.AssertExhaustion(action, self.name_of(message), at)

    def input(self, v: Values) -> wast.Input:
        (_, at), id_, path, _ = v
        return wast.Input(_id(id_), self.name_of(path), at)

    def output(self, v: Values) -> wast.Output:
        (_, at), id_, path, _ = v
        return wast.Output(_id(id_), None if path is None else self.name_of(path), at)

    # -------------------------------------------------------------- threads

    def shared_module(self, v: Values) -> str:
        name, _ = v[3]
        return str(name[1:])

    def thread(self, v: Values) -> wast.Thread:
        (_, at), (name, _), shared, commands, _ = v
        return wast.Thread(name[1:], tuple(shared or ()), tuple(commands or ()), at)

    def wait(self, v: Values) -> wast.Wait:
        (_, at), (name, _), _ = v
        return wast.Wait(name[1:], at)
