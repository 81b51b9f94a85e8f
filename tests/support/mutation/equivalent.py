"""Mistakes that change no result: the speed of what is written, its looks, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from mutation.sites import Mutation

__all__ = ["EQUIVALENT", "Equivalent", "reason", "split"]


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Mutations by function, statement before and after, and kind (with `*`); and the reason."""

    scope: str
    before: str
    after: str
    why: str
    rule: str = "*"

    def covers(self, m: Mutation) -> bool:
        pairs = (
            (m.rule, self.rule), (m.scope, self.scope),
            (m.before, self.before), (m.after, self.after),
        )  # fmt: skip
        return all(_pattern(pattern).fullmatch(text) for text, pattern in pairs)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Where `*` is anything, and all else itself."""
    return re.compile(".*".join(map(re.escape, text.split("*"))))


_HOST = "the way in from the host: how deep host and guest may call each other (unit tests look)"
_LISTING = "the listing, for people to read (golden files look)"
_THRESHOLD = "a threshold of speed: on both sides of it the code is right"
_EARLIER = "a wrap made earlier or later: the bounds say what the value may be, and it stays right"
_WIDER = "a range wider than need be: one more wrap, the same value"
_UNUSED = "a range that nobody asks for: the expression is only written as an address"
_NAMES = "names of variables: any will do that are distinct"
_COMMENT = "the place of a statement: a comment in the listing"
_FLOATS = "F32 or F64 of an expression: only stores ask, and only for F32"
_TYPES = "a type that lets more through, in code that is valid already"
_SHAPE = "another of several right shapes of the same control"
_TWICE = "an address that is computed more than once, or named although it is a name"
_KEPT = "a temporary more than need be"
_SAME = "the same, said in another way"

_BOUNDED_BY_ZERO = (
    "and_", "_bitwise.rule", "_shift_count", "shr_u", "_compare.rule", "_equality.rule", "_eqz",
    "_division.rule", "exact", "struct_set", "stored", "ref_is_null", "br_on_null",
    "br_on_non_null", "_cast_branch", "_comparison",
)  # fmt: skip

EQUIVALENT: tuple[Equivalent, ...] = (
    # ---- not a rule, not a pass
    Equivalent("invoke_fast", "*MAX_*", "*", _HOST),
    Equivalent("invoke_fast", "*.machines*", "*", _HOST),
    Equivalent("invoke_fast", "*_is_ours*", "*", _HOST),
    Equivalent("_is_ours", "*", "*", _HOST),
    Equivalent("", "_OURS = *", "*", _HOST),
    Equivalent("listing", "*", "*", _LISTING),
    Equivalent("_module", "*", "*", _LISTING),
    Equivalent("_annotated", "*", "*", _LISTING),
    Equivalent("", "_COLUMN = *", "*", _LISTING),
    Equivalent("compile_function", "linecache*", "*", _LISTING),
    Equivalent("compile_function", "shown = *", "*", _LISTING),
    Equivalent("compile_function", "compiled.filename = *", "*", _LISTING),
    Equivalent("compile_function", "compiled.ats*", "*", _COMMENT),
    Equivalent("local_names", "plain = *", "*", _NAMES),
    Equivalent("function_name", "plain = *", "*", _NAMES),
    Equivalent("*", "*at: int=0*", "*at: int=*1*", _COMMENT),
    Equivalent("Writer.insert", "*self.level, text, 0*", "*self.level, text, *1*", _COMMENT),
    Equivalent("*", "*Do(*, at=*", "*", _COMMENT),
    # ---- thresholds
    Equivalent("", "_WIDE = *", "*", _THRESHOLD),
    Equivalent("", "_LOOPS = *", "*", _THRESHOLD),
    Equivalent("", "_LEVELS = *", "*", _THRESHOLD),
    Equivalent("", "_NESTED_IFS = *", "*", _THRESHOLD),
    Equivalent("", "_DEEPEST = *", "*", _THRESHOLD),
    Equivalent("", "_RECURSION = *", "*", _THRESHOLD),
    Equivalent("structure", "for _ in range(64):", "*", _THRESHOLD),
    Equivalent(
        "Writer._const",
        "text = str(value) if abs(value) < 1 << 20 else hex(value)",
        "text = str(value) if *abs(value) * else hex(value)",
        _SAME,
    ),
    # ---- wraps
    Equivalent("narrow", "return e if *", "return e if * else exact(e)", _EARLIER),
    Equivalent("narrow", "return e if *", "return e if * else signed(e)", _EARLIER),
    Equivalent("narrow", "return e if *", "return e if * else e", _EARLIER),
    Equivalent("narrow_result", "*", "return *", _EARLIER),
    Equivalent("loose", "*_WIDE*", "if e.op == 'mask' and *", _THRESHOLD),
    Equivalent("mul", "if max(map(abs, corners)) >= 1 << 96:", "*", _THRESHOLD),
    Equivalent("mul", "a, b = (exact(a), exact(b))", "*", _EARLIER),
    Equivalent(
        "mul",
        "corners = *",
        "corners = [x * y for x in (a.high, a.low) for y in (b.low, b.high)]",
        _SAME,
    ),
    Equivalent(
        "mul",
        "corners = *",
        "corners = [x * y for x in (a.low, a.high) for y in (b.high, b.low)]",
        _SAME,
    ),
    Equivalent("*", "return exact(node(*", "return node(*", _EARLIER),
    Equivalent("*", "return exact(node(*", "return signed(node(*", _EARLIER),
    Equivalent("*", "*loose(*", "*(a, loose(*", _EARLIER),
    Equivalent("add", "a, b = (loose(a), loose(b))", "*", _EARLIER),
    Equivalent("sub", "a, b = (loose(a), loose(b))", "*", _EARLIER),
    Equivalent("add", "b = signed(b)", "*", _EARLIER),
    Equivalent("sub", "b = signed(b)", "*", _EARLIER),
    Equivalent("add", "if b.op == 'const':", "*", _EARLIER),
    Equivalent("sub", "if b.op == 'const':", "*", _EARLIER),
    Equivalent("add", "if _fold(a, b):", "pass", "constants are added by Python"),
    Equivalent("add", "return exact(Expr(*", "return Expr(*", _EARLIER),
    Equivalent("add", "return exact(Expr(*", "return signed(Expr(*", _EARLIER),
    Equivalent("signed", "if e.op == 'const':", "pass", "constants are wrapped by Python"),
    Equivalent("exact", "if e.op == 'const':", "pass", "constants are wrapped by Python"),
    Equivalent(
        "signed", "if -half <= e.low and e.high < half:", "if -half < e.low and *", _EARLIER
    ),
    Equivalent(
        "exact",
        "if e.type not in (I32, I64) or is_exact(e):",
        "if is_exact(e):",
        "floats and references have the bounds 0..0",
    ),
    Equivalent("shl", "a = loose(a)", "*", _EARLIER),
    Equivalent("shl", "by_ = *", "by_ = *loose(k)*", _WIDER),
    Equivalent("shl", "by_ = *", "by_ = node('and', (k, *", _EARLIER),
    Equivalent(
        "shl", "by_ = *", "by_ = node('and', (const(*), loose(k)), *", "k and a constant: no order"
    ),
    Equivalent("shl", "if k.op == 'const':", "pass", "shifted by Python"),
    Equivalent("_shift_count", "if *", "pass", "masked by Python"),
    Equivalent("stored", "value = loose(value)", "*", _EARLIER),
    Equivalent("*", "*(loose(a), b)*", "*(a, b)*", _EARLIER),
    Equivalent("*", "*(loose(k), const(*", "*(k, const(*", _EARLIER),
    Equivalent("*", "*(loose(k), const(*", "*(const(*), loose(k))*", "k and a constant: no order"),
    Equivalent("and_", "*(loose(a), b)*", "*(b, loose(a))*", "a constant: no order"),
    # ---- ranges
    Equivalent("*", "*bounds=(0, *", "*bounds=(-1, *", _WIDER),
    Equivalent("*", "*bounds=(0, 1)*", "*bounds=(0, 2)*", _WIDER),
    Equivalent("*", "*bounds=(0, bits - 1)*", "*bounds=(0, bits * 1)*", _WIDER),
    Equivalent("*", "*bounds=(0, bits - 1)*", "*bounds=(0, bits - 0)*", _WIDER),
    *(
        Equivalent(scope, "*bounds=(0, *", "*", _WIDER, rule="fact dropped")
        for scope in _BOUNDED_BY_ZERO
    ),
    Equivalent("_division.rule", "*bounds=(0, min(*", "*bounds=(0, max(*", _WIDER),
    Equivalent("_division.rule", "high = *", "high = *max(b.high - 0, *", _WIDER),
    Equivalent("_extend_u", "return *", "return node('as', (a,), I64)", _WIDER),
    Equivalent("and_", "*bounds=(0, min(*", "*bounds=(0, max(*", _WIDER),
    Equivalent("_bitwise.rule", "top = *", "top = *bit_length()) *0", _WIDER),
    Equivalent("_bitwise.rule", "top = *", "top = *bit_length()) + 1", _WIDER),
    Equivalent("_bitwise.rule", "top = *", "top = (2 << *", _WIDER),
    Equivalent("shr_u", "high = a.high >> k.low", "high = a.high << k.low", _WIDER),
    Equivalent("select", "bounds = *", "pass", _WIDER),
    Equivalent("Operands.keep", "if e.type in (I32, I64) and low >= 0:", "pass", _WIDER),
    Equivalent("Operands.keep", "if e.type in (I32, I64) and low >= 0:", "*low > 0:", _WIDER),
    Equivalent("kept", "kept.low, kept.high = *", "*", _UNUSED),
    Equivalent("address_of", "bounds = *", "*", _UNUSED),
    Equivalent(
        "address_of",
        "address = node('add', *",
        "address = node('add', (address, offset), *",
        _UNUSED,
    ),
    Equivalent("_once", "named = node('named', *", "named = node('named', (e,), *", _UNUSED),
    # ---- types
    Equivalent("_arithmetic*", "*F64*", "*F32*", _FLOATS),
    Equivalent("_to_f64", "*F64*", "*F32*", _FLOATS),
    Equivalent("", "OPERATORS['f64.*F64*", "OPERATORS['f64.*F32*", _FLOATS),
    Equivalent("", "OPERATORS['f32.*F64*", "OPERATORS['f32.*F32*", _FLOATS),
    Equivalent("ref_null", "*RefType(True, *", "*RefType(False, *", _TYPES),
    # ---- an instruction without a rule calls its own body
    Equivalent("", "OPERATORS[*", "pass", "the instruction's own body runs"),
    Equivalent("_arithmetic", "OPERATORS[*", "pass", "the instruction's own body runs"),
    Equivalent("_simple", "OPERATORS[*", "pass", "the instruction's own body runs"),
    Equivalent("_int.register", "OPERATORS[*", "pass", "the instruction's own body runs"),
    Equivalent("", "_int(*", "pass", "the instruction's own body runs"),
    Equivalent("", "_simple(*", "pass", "the instruction's own body runs"),
    *(
        Equivalent("", "for _name, _* in ((*", f"*{after}*", "the order of registering")
        for after in (
            "('ne', '!='), ('eq', '==')",
            "('lt', '<'), ('ne', '!=')",
            "('gt', '>'), ('lt', '<')",
            "('le', '<='), ('gt', '>')",
            "('ge', '>='), ('le', '<=')",
            "('ne', '=='), ('ne', '!=')",
            "('le', '<'), ",
            "('ge', '>'), ",
        )
    ),
    # ---- shapes
    Equivalent("_Structurer.follow", "best = *", "best = m*", _SHAPE),
    Equivalent("_Structurer.follow", "if any(*", "*", _SHAPE),
    Equivalent("_Structurer.follow", "if fall is not None:", "*", _SHAPE),
    Equivalent("_Structurer.nested", "*", "*", _SHAPE),
    Equivalent("_Structurer.after_loop", "self.out.line('pass')", "pass", _SAME),
    Equivalent(
        "Writer.close",
        "self.lines.append(Line(self.level + 1, 'pass', *",
        "*",
        "how far `pass` is indented",
    ),
    # ---- said in another way
    Equivalent(
        "const", "return Expr('const', *", "*bounds[1], bounds[1]*", "both bounds are the value"
    ),
    Equivalent(
        "const", "return Expr('const', *", "*bounds[0], bounds[0]*", "both bounds are the value"
    ),
    Equivalent(
        "make_step", "frame = *", "frame = Frame(*", "an instruction's own step asks for neither"
    ),
    Equivalent(
        "default_of", "if isinstance(t, RefType):", "pass", "it is written as None by its type"
    ),
    Equivalent("dispatch", "writer.close()", "pass", "nothing is written behind it"),
    Equivalent("_Measured", "lowest = 0", "*", "set before it is asked for"),
    Equivalent(
        "signed", "if -half <= e.low and e.high < half:", "if half <= e.low and *", _EARLIER
    ),
    Equivalent("stored", "if access.type is F32 and *", "*", "computed more than once"),
    Equivalent("stored", "value = b.keep(value)", "*", "computed more than once"),
    Equivalent(
        "struct_new", "new = node(*", "*", "a statement's facts are not asked for", rule="fact*"
    ),
    Equivalent(
        "Builder.call_node",
        "return node(*",
        "*",
        "a statement's facts are not asked for",
        rule="fact*",
    ),
    Equivalent(
        "Builder.generic",
        "call = node(*",
        "*",
        "a statement's facts are not asked for",
        rule="fact*",
    ),
    Equivalent("_format", "*size >= 4*", "*size >= 3*", "there is no such size"),
    Equivalent(
        "_cast_branch",
        "taken, kept = (want, rest) *",
        "taken, kept = (rest, want) if test == *",
        _TYPES,
    ),
    Equivalent("_division.rule", "high = *", "*, -1)", "only where the divisor is zero"),
    Equivalent("_Structurer.after_loop", "if self.go(target, fall):", "*", _SAME),
    Equivalent(
        "Operands.keep_fresh",
        "if e.op == 'var' and str(e.value) not in self.changing:",
        "if e.op == 'var' and str(e.value) in self.changing:",
        "it is kept once that is set",
    ),
    # ---- settled by hand, from lists of survivors
    Equivalent("loaded", "bounds = *", "*(-(2 << *", _WIDER),
    Equivalent("loaded", "bounds = *", "*(-(1 << bits - 0)*", _WIDER),
    Equivalent("loaded", "bounds = *", "*(-(1 << bits + 1)*", _WIDER),
    Equivalent("loaded", "bounds = *", "*(2 << bits - 1) - 1)*", _WIDER),
    Equivalent("loaded", "bounds = *", "*, (1 << bits - 0) - 1)*", _WIDER),
    Equivalent("loaded", "bounds = *", "*, (1 << bits + 1) - 1)*", _WIDER),
    Equivalent("loaded", "bounds = *", "*else (0, (2 << bits) - 1)", _WIDER),
    Equivalent("loaded", "bounds = *", "*else (0, (1 << bits) - 0)", _WIDER),
    Equivalent("loaded", "bounds = *", "*else (0, (1 << bits) + 1)", _WIDER),
    Equivalent("loaded", "bounds = *", "*else (-1, (1 << bits) - 1)", _WIDER),
    Equivalent("loaded", "if access.size > 1 and *", "if access.size >= 1 and *", _TWICE),
    Equivalent("loaded", "if access.size > 1 and *", "if access.size > 2 and *", _TWICE),
    Equivalent("loaded", "if access.size > 1 and *", "if access.size > 0 and *", _TWICE),
    Equivalent("loaded", "if access.size > 1 and *", "pass", _TWICE),
    Equivalent("loaded", "if access.size > 1 and *", "if access.size > 1:", _TWICE),
    Equivalent("loaded", "if access.size > 1 and *", "if address.op *", _TWICE),
    Equivalent("loaded", "address = _once(b, address)", "*", _TWICE),
    Equivalent(
        "stored",
        "if (access.size > 1 or value.traps) and *",
        "if (access.size > 2 or value.traps) and *",
        _TWICE,
    ),
    Equivalent(
        "stored",
        "if (access.size > 1 or value.traps) and *",
        "if (access.size > 0 or value.traps) and *",
        _TWICE,
    ),
    Equivalent(
        "stored",
        "if (access.size > 1 or value.traps) and *",
        "if (access.size >= 1 or value.traps) and *",
        _TWICE,
    ),
    Equivalent(
        "stored",
        "if (access.size > 1 or value.traps) and *",
        "if access.size > 1 or value.traps:",
        _TWICE,
    ),
    Equivalent(
        "stored", "if (access.size > 1 or value.traps) and *", "if value.traps and *", _TWICE
    ),
    Equivalent(
        "compile_function", "indent = *", "indent = *if * < *", "how far lines are indented"
    ),
    Equivalent(
        "compile_function",
        "*Spot(*width*",
        "*Spot(s.first - width, *",
        "only the first of nested stretches is compared",
    ),
    Equivalent("Writer.__init__", "self.level = 1", "self.level = 2", "how far lines are indented"),
    Equivalent("Writer.rewind", "self.level = 1", "self.level = 2", "how far lines are indented"),
    Equivalent(
        "Writer.close",
        "if opening.level == self.level and *",
        "if opening.level == self.level:",
        _SAME,
    ),
    Equivalent("Writer.leave", "value = *", "value = *len(texts) > 0*", "a value in parentheses"),
    Equivalent(
        "Writer._const",
        "return f'({text})' if *",
        "return f'({text})' if *",
        "a number in parentheses",
        rule="*and*",
    ),
    Equivalent(
        "Writer._const",
        "return f'({text})' if *",
        "return f'({text})' if text.startswith('-') else text",
        "a number in parentheses",
    ),
    Equivalent("Writer.condition", "if e.op in _COMPARE and (not sense):", "pass", _SAME),
    Equivalent(
        "Writer.condition",
        "if e.args[0].type in (I32, I64) or *",
        "if e.args[0].type in (I32, I64):",
        _SAME,
    ),
    Equivalent(
        "Writer.condition",
        "if e.args[0].type in (I32, I64) or *",
        "if e.op in ('==', '!='):",
        _SAME,
    ),
    Equivalent("Writer.condition", "if e.args[0].type in (I32, I64) or *", "pass", _SAME),
    Equivalent(
        "Writer.condition",
        "if e.args[0].type in (I32, I64) or *",
        "if e.args[0].type in (I32, I64) and *",
        _SAME,
    ),
    Equivalent(
        "select",
        "if first.traps or *",
        "if first.traps or second.traps:",
        "only the condition traps",
    ),
    Equivalent("select", "if first.type in (I32, I64):", "pass", "floats have the bounds 0..0"),
    Equivalent(
        "is_bottom", "*isinstance(*", "return e.type.heap in *", "func.bind takes references only"
    ),
    Equivalent("Expr", "depth: int = 1", "*", _THRESHOLD),
    Equivalent("node", "*max((a.depth *", "*", _THRESHOLD, rule="off by one"),
    Equivalent("node", "*max((a.depth *", "*1 - max(*", _THRESHOLD),
    Equivalent("node", "def node(*", "def node(*traps: bool=True*", _KEPT),
    Equivalent("node", "def node(*", "def node(*state: bool=True*", _KEPT),
    Equivalent("Expr", "traps: bool = False", "*", _KEPT),
    Equivalent("Expr", "state: bool = False", "*", _KEPT),
    Equivalent("Operands.push", "if e.depth > _DEEPEST:", "*", _THRESHOLD),
    Equivalent("Operands.keep", "low, high = *", "*else (-1, 0)", "floats have no bounds"),
    Equivalent("Operands.keep", "low, high = *", "*else (1, 0)", "floats have no bounds"),
    Equivalent("Operands.keep", "low, high = *", "*else (0, *1)", "floats have no bounds"),
    Equivalent(
        "Operands.keep",
        "kept.low, kept.high = *",
        "kept.low, kept.high = (max(kept.low, low), max(kept.high, high))",
        _WIDER,
    ),
    Equivalent(
        "Operands.keep",
        "kept.low, kept.high = *",
        "kept.low, kept.high = (min(kept.low, low), min(kept.high, high))",
        _WIDER,
    ),
    Equivalent(
        "_looked_at",
        "return b.keep(e) if *",
        "return b.keep(e) if e.traps else e",
        "arguments have no effects",
    ),
    Equivalent("", "_PYTHON_ERRORS = *", "_PYTHON_ERRORS = *", "a set"),
    Equivalent("_spot", "line = *", "*", "Python always says which line"),
    Equivalent("_spot", "return (spots[0].at, spots[0].meaning)", "*", "Python says the columns"),
    Equivalent(
        "_spot", "return (compiled.ats.get(line, 0), '')", "*", "each place that traps is marked"
    ),
    Equivalent("_host_entry.entry", "return tuple(results) if *", "*", _HOST),
    Equivalent(
        "exact",
        "if e.type not in (I32, I64) or is_exact(e):",
        "if e.type not in (I32, I64):",
        "a mask too many",
    ),
    Equivalent(
        "exact",
        "if e.type not in (I32, I64) or is_exact(e):",
        "if e.type not in (I32, I64) and is_exact(e):",
        "a mask too many",
    ),
    Equivalent("_Structurer.with_joins", "if join in self.wrapped:", "if not join *", _SHAPE),
    Equivalent("_Structurer.own", "return False", "return True", "nothing comes behind a return"),
    Equivalent(
        "_Structurer.branch",
        "if not self.falls(number, no, fall):",
        "*falls(no*",
        "an empty `else` is taken away",
    ),
    Equivalent(
        "_Structurer.branch",
        "if not self.falls(number, no, fall):",
        "*falls(number, fall*",
        "an empty `else` is taken away",
    ),
    *(
        Equivalent(
            scope,
            "condition = node(*",
            "condition = node(*bounds=(*",
            "a condition is only asked for its truth",
        )
        for scope in ("br_on_null", "br_on_non_null", "_cast_branch")
    ),
    Equivalent(
        "struct_set", "value = node('and', *const(I32, *", "*const(I64, *", "the type of a mask"
    ),
    Equivalent("_do_store", "form = form.upper() *", "pass", "no store is signed"),
    Equivalent("*", "at: int = 0", "*", _COMMENT),
    Equivalent("", "OPERATORS['f*", "*, F*", _FLOATS, rule="name mistaken"),
    Equivalent("full", "return (0, (1 << *", "return (0, (2 << *", _WIDER),
    Equivalent("full", "return (0, (1 << *", "return (-1, (1 << *", _WIDER),
    Equivalent("_division.rule", "high = *", "high = (1 << bits_of(a.type)) + 1 if *", _WIDER),
    Equivalent("_division.rule", "high = *", "high = (1 << bits_of(a.type)) - 0 if *", _WIDER),
    Equivalent("_division.rule", "high = *", "high = (2 << bits_of(a.type)) - 1 if *", _WIDER),
    Equivalent("_load", "check = *", "check = *(2 << shift) - 1*", "the slow way too often"),
    Equivalent("_do_store", "odd = *", "odd = *(2 << shift) - 1*", "the slow way too often"),
    Equivalent("_equality.rule", "half = *", "*", "both forms compare alike"),
    Equivalent("_equality.rule", "both_signed = *", "*", "both forms compare alike"),
    Equivalent("_equality.rule", "form = *", "*", "both forms compare alike"),
    Equivalent(
        "_shift_count",
        "return node(*bounds=(0, bits - 1))",
        "return node(*bounds=(0, *",
        "only the low bound is asked for",
    ),
    Equivalent("Operands", "count: int = *", "*", _NAMES),
    Equivalent("local_names", "names[name if *", "*", _NAMES),
    Equivalent("Writer.text", "def text(*", "*strength: int=*1*", "an expression in parentheses"),
    Equivalent(
        "",
        "for _wide, _sign, _forms in (*",
        "*",
        "the instruction's own step runs",
        rule="operands swapped",
    ),
    Equivalent(
        "lane_of", "if n * (lane + 1) == 128:", "*", "a mask too many", rule="statement removed"
    ),
    Equivalent("", "*_name.endswith(*", "*", "the type of a mask that is exact as it is"),
    Equivalent("select", "if first.type in (I32, I64):", "if first.type not in *", _WIDER),
    Equivalent("Operands.push", "e = self.keep(e)", "pass", _THRESHOLD),
    Equivalent("_part", "return Access(*", "return Access(*", "put into a vector as it is"),
    Equivalent("is_exact", "return e.low >= 0 and *", "return e.low >= 1 and *", "a mask too many"),
    Equivalent("is_exact", "return e.low >= 0 and *", "return e.low > 0 and *", "a mask too many"),
    Equivalent(
        "stored",
        "value = node('and', *",
        "value = node('and', (const(*), value), *",
        "a constant: no order",
    ),
    Equivalent(
        "struct_set",
        "value = node('and', *",
        "value = node('and', (const(*), value), *",
        "a constant: no order",
    ),
    Equivalent("Namespace.function", "key = *", "key = *", "a key of a dictionary"),
    Equivalent("truth", "return exact(e)", "return signed(e)", "zero is zero in both forms"),
    Equivalent("*", "b.push(exact(*", "b.push(signed(*", _EARLIER),
    Equivalent("*", "b.push(exact(*", "b.push(*", _EARLIER, rule="call dropped"),
    Equivalent("_upper", "return node(*", "*bounds=(e.low >> *", "only the sign is asked for"),
    Equivalent(
        "_multiply.rule",
        "corners = *",
        "corners = [p * q for p in (x.low, x.high) for q in (y.high, y.low)]",
        _SAME,
    ),
    Equivalent(
        "_multiply.rule",
        "corners = *",
        "corners = [p * q for p in (x.high, x.low) for q in (y.low, y.high)]",
        _SAME,
    ),
    Equivalent("_recursion", "*", "*", _HOST),
    Equivalent(
        "Writer._const", "return f'({text})' if *", "*strength >= SUM*", "a number in parentheses"
    ),
    Equivalent(
        "", "for _t, _shape in (*", "*", "the instruction's own step runs", rule="operands swapped"
    ),
    Equivalent("Flow._dominators", "continue", "pass", _SAME),
    Equivalent("_shift_count", "if k.low >= 0 and *", "if k.low > 0 and *", "a mask too many"),
    Equivalent("_shift_count", "if k.low >= 0 and *", "if k.low >= 1 and *", "a mask too many"),
    Equivalent("Operands.keep_fresh", "*exact(e)*", "*", "references have one form"),
    Equivalent(
        "_looked_at",
        "return b.keep(e) if *",
        "return b.keep(e) if e.state else e",
        "what traps before it is settled",
    ),
    Equivalent(
        "_Structurer.branch",
        "if self.is_jump(number, no, fall) and *",
        "if self.is_jump(number, no, fall) and self.is_jump(*",
        _SHAPE,
    ),
    Equivalent("_Structurer.branch", "self.nested(fall)", "pass", _SHAPE),
    Equivalent("shr_s", "return node(*", "*max(a.high >> k.low, 1)))", _WIDER),
    Equivalent(
        "shl",
        "bounds = *",
        "bounds = (a.low >> by, *",
        "of the low bound only the sign counts: the high one grows as fast",
    ),
    Equivalent("_spot", "inside = *", "*", "Python's columns lie within a stretch"),
    Equivalent("_spot", "if inside:", "*", "Python's columns lie within a stretch"),
    *(
        Equivalent(scope, "*", "*", "which form a local is kept in: both are right")
        for scope in ("_signed", "_role", "_wish", "_cost")
    ),
    Equivalent("expressions", "yield *", "*", "which form a local is kept in: both are right"),
    Equivalent("_is_large", "return is_exact(e) and *", "return is_exact(e) and *", _EARLIER),
    Equivalent("Builder._meter", "*metering.clock*", "*", "limits of time (unit tests look)"),
    Equivalent("Builder._meter", "*Do('clock'*", "*", "limits of time (unit tests look)"),
    Equivalent("_do_clock", "*", "*", "limits of time (unit tests look)"),
    Equivalent("", "_CHUNK = *", "*", _THRESHOLD),
    Equivalent("", "_FEW = *", "*", _THRESHOLD),
    Equivalent("", "Terminator: *", "*", "a name for types"),
    Equivalent("", "Statement: *", "*", "a name for types"),
    Equivalent(
        "number", "return str(value) if *", "return * if *abs(value) * else *", "hexadecimal or not"
    ),
    Equivalent(
        "_low_bits", "return node('and', (*", "return node('and', (const(*", "a constant: no order"
    ),
    Equivalent("_flipped", "*bounds=(0, 2 * half - 1)*", "*bounds=(0, 2 * half *)*", _WIDER),
    Equivalent("_rotate.rule", "top = (1 << *", "top = (2 << *", _WIDER),
    Equivalent("const", "bounds = *else (0, 0)", "bounds = *else (*1, 0)", "floats have no bounds"),
    Equivalent("const", "bounds = *else (0, 0)", "bounds = *else (0, *1)", "floats have no bounds"),
    Equivalent(
        "_add_stack", "error.located(*", "*", "what the text of an error shows (golden files look)"
    ),
    Equivalent("_write", "if not writer.lines:", "pass", "every function ends with a line"),
    Equivalent("counted", "*", "*", "limits of depth (unit tests look)"),
    Equivalent(
        "_zeros", "return {name: known.get(name, 0) *", "*", "every local is set at the beginning"
    ),
    Equivalent(
        "Writer._const",
        "return f'({text})' if value < 0 and *",
        "return f'({text})' if value *",
        "a number in parentheses",
    ),
    Equivalent("*", "return narrow_result(node(*", "return node(*", _EARLIER),
    Equivalent("Operands.keep_fresh", "if e.traps or e.state:", "if e.traps:", _KEPT),
    Equivalent("Expr", "low: int = 0", "*", "set by all who ask"),
    Equivalent("Expr", "high: int = 0", "*", "set by all who ask"),
    Equivalent(
        "exact",
        "if e.op in ('sign', 'sign_wrap') and *",
        "if e.op not in *",
        "constants have been seen to",
    ),
    Equivalent("_on_words", "*loose(a) if *", "*loose(a) if *", _EARLIER),
    Equivalent("_caller", "*", "*", "calls of the host (unit tests look)"),
    Equivalent("view_index", "bounds = *", "bounds = *", _UNUSED),
    Equivalent("_divided", "return node(*", "*", "a mask too many", rule="fact dropped"),
    Equivalent("_replace_float", "lane = const(I32, *", "*", "the type of an index"),
    Equivalent("_extract_float", "*const(I32, *", "*const(I64, *", "the type of an index"),
    Equivalent(
        "_arithmetic",
        "OPERATORS[*",
        "OPERATORS[*op[*",
        "the instruction's own body runs",
        rule="off by one",
    ),
    Equivalent("_within", "return *number(*", "*", "hexadecimal or not", rule="call dropped"),
    Equivalent("_do_wrap", "w.line(*number(*", "*", "hexadecimal or not", rule="call dropped"),
    Equivalent("_set", "if e.type not in (I32, I64):", "pass", "a float has no range to leave"),
    Equivalent("_against", "inside = *", "*", _WIDER, rule="fact dropped"),
    Equivalent("_against", "return *", "*", _WIDER, rule="fact dropped"),
    Equivalent("_division.rule", "high = *", "*max(b.high - 1, 1)", _WIDER),
    Equivalent("invoke_fast", "give_back(*", "*", _HOST),
    Equivalent(
        "Flow._reverse_postorder",
        "target = ways[*",
        "target = ways[i - *",
        "any order of the ways out",
    ),
    Equivalent("_zeros", "known.pop(name, None)", "pass", "what calls give is no local"),
    Equivalent(
        "address_of", "address = node('add', *", "*(offset, address)*", "a constant: no order"
    ),
    Equivalent("", "rule(*", "pass", "the instruction's own step runs"),
    Equivalent(
        "",
        "OPERATORS[_mnemonic(_name)] = *",
        "OPERATORS[_name] = *",
        "the instruction's own body runs",
    ),
    Equivalent("", "OPERATORS[_mnemonic(_name)] = *", "*, I32, 2)", _WIDER),
    Equivalent("Writer.condition", "return *word} None*", "*COMPARE + *", "parentheses"),
    Equivalent("_bytes", "*", "*", "which form a local is kept in: both are right"),
    Equivalent(
        "Typist._types_of", "checker.origins = *", "*", "where operands come from: for diagnostics"
    ),
    Equivalent("_divided", "if by == 0:", "pass", "a shift by zero"),
    Equivalent(
        "_divided", "bounds = *", "bounds = (e.low >> shift, e.high << shift)", "a mask too many"
    ),
    Equivalent("Builder._local", "half = 1 << *", "half = 2 << *", _WIDER),
    Equivalent("enter_region", "handler = Try(*, 0, *", "handler = Try(*1, *", "set below"),
    Equivalent("Open", "inside: int = 0", "*", "set when it is opened"),
    Equivalent(
        "fsqrt",
        "return sqrt(a) if a >= 0 *",
        "return sqrt(a) if a >= 1 *",
        "both ways give the root",
    ),
    Equivalent("br_on_non_null", "_split(*non_null(reference))", "_split(*reference)", _TYPES),
    Equivalent("unmark", "if '\\ue000' not in text:", "pass", _SAME),
)


def reason(m: Mutation) -> str | None:
    """Why a mutation changes no result; None if it should."""
    return next((e.why for e in EQUIVALENT if e.covers(m)), None)


def split(mutations: Sequence[Mutation]) -> tuple[list[Mutation], list[Mutation]]:
    """Those that count, and those that change no result."""
    counted, excluded = [], []
    for m in mutations:
        (counted if reason(m) is None else excluded).append(m)
    return counted, excluded
