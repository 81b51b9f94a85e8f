"""Mistakes that change no result, by the reason why.

Each line is a function, a statement before and after, where `*` is anything, and it may name the
kind of mistake. A line has to be about code that is there (`tests/differential/test_mutation.py`);
`python -m mutation --excluded` runs programs on what stands here: none may notice any of it.

Ranges of values that are only wider are not listed: that is worked out (`mutation.ranges`).
"""

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


_WIDER = "a range of values that is only wider"

_REASONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "a threshold: on both sides of it the code is right, here shorter, there faster": (
        ("", "_WIDE = *", "*"), ("", "_LOOPS = *", "*"), ("", "_LEVELS = *", "*"),
        ("", "_NESTED_IFS = *", "*"), ("", "_DEEPEST = *", "*"), ("", "_RECURSION = *", "*"),
        ("", "_CHUNK = *", "_CHUNK = *1 << *"),
        ("", "_CHUNK = *", "_CHUNK = 2* << *"),
        ("", "_FEW = *", "*"),
        ("", "MANY = *", "MANY = 6"),
        ("structure", "for _ in range(64):", "*"),
        ("_Structurer.block", "if self.out.level > _LEVELS or *", "*>=*"),
        ("_Structurer.is_deep", "*", "*"),
        ("find_exits", "if len(regions) == 1 or *", "if nesting(*"),
        ("find_exits", "if len(regions) == 1 or *", "*len(regions) == 0*"),
        ("_Structurer.__init__", "self.tries = 0", "self.tries = *1"),
        ("nesting", "return max(depths)", "return min(depths)"),
        ("nesting", "depths = [0]", "*"),
        ("loose", "*_WIDE*", "if e.op == 'mask' and *"),
        ("narrow", "return e if *", "return e if * else *"),
        ("mul", "if max(map(abs, corners)) >= 1 << 96:", "*>= 1 << 9*"),
        ("mul", "if max(map(abs, corners)) >= 1 << 96:", "*> 1 << 96:"),
        ("mul", "if max(map(abs, corners)) >= 1 << 96:", "pass"),
        ("Expr", "depth: int = 1", "*"),
        ("node", "*max((a.depth *", "*", "off by one"),
        ("Operands.push", "if e.depth > _DEEPEST:", "if *e.depth * _DEEPEST:"),
    ),
    "which of two right forms a local is kept in": (
        ("end", "b.loops -= *", "*"),
        ("loop", "b.loops += 1", "*"),
        ("Operands", "loops: int = *", "*"),
        ("Operands.keep", "kept.zeros = *", "pass"),
        ("_weight", "*", "*"),
        ("_reads", "while pending:", "*"),
        ("_reads", "if e.*", "*"),
        ("_by_constant.rule", "if a.low >= 0:", "pass"),
        ("_by_constant.rule", "if a.low >= 0:", "if a.low >*:", "comparison"),
        ("_by_constant.rule", "if a.low >= 0:", "if a.low >= 1:"),
        ("_signed.rule", "form = *", "*"),
        ("facts_of", "return Facts(*", "*", "condition negated"),
        ("_zeros", "return *", "*, -1)*"),
        ("any_nans", "if value.op == 'var':", "if value.op != 'var':"),
        ("any_nans", "if value.op == 'var':", "if not value.op == 'var':"),
        ("facts_of", "* = {name *", "*"),
        ("facts_of", "if not integers and *", "*"),
        ("zeros", "return max(*", "*"),
        ("_divided", "case 'const' if *", "*== -1:"),
        ("_divided", "case 'shl' if *", "*e.args[1].value > shift:"),
        ("_signed", "*", "*"),
        ("_role", "*", "*"),
        ("_wish", "*", "*"),
        ("_cost", "*", "*"),
        ("_bytes", "*", "*"),
        ("expressions", "yield *", "*"),
        ("", "_EITHER = *", "*", "operands swapped"),
    ),
    "a wrap that is made earlier, later or once more: the range says what the value may be": (
        ("select", "first, second = (exact(*", "*", "call dropped"),
        ("narrow_result", "*", "return *"),
        ("*", "return narrow_result(node(*", "return node(*"),
        ("*", "return exact(node(*", "return node(*"),
        ("*", "return exact(node(*", "return signed(node(*"),
        ("*", "b.push(exact(*", "b.push(signed(*"),
        ("*", "b.push(exact(*", "b.push(*", "call dropped"),
        ("mul", "a, b = (exact(a), exact(b))", "*"),
        ("add", "a, b = (loose(a), loose(b))", "*"), ("sub", "a, b = (loose(a), loose(b))", "*"),
        ("shl", "a = loose(a)", "*"),
        ("stored", "value = loose(value)", "*"),
        ("loose", "if e.op == 'mask' and *", "pass"),
        ("*", "*loose(*", "*", "call dropped"),
        ("add", "b = signed(b)", "*"), ("sub", "b = signed(b)", "*"),
        ("add", "if b.op == 'const':", "*"), ("sub", "if b.op == 'const':", "*"),
        ("signed", "if -half <= e.low and e.high < half:", "if -half < e.low and *"),
        ("signed", "if -half <= e.low and e.high < half:", "if half <= e.low and *"),
        ("signed", "if e.op == 'mask':", "pass"),
        ("signed", "e = e.args[0]", "pass"),
        ("exact", "if e.op in ('sign', 'sign_wrap') and *", "if e.op not in *"),
        ("exact", "if e.type not in (I32, I64) or *", "if e.type not in (I32, I64)*"),
        ("_is_large", "return is_exact(e) and *", "return is_exact(e) and *"),
        ("is_exact", "return e.low >= 0 and *", "return e.low >* and e.high < 1 << *"),
        ("_shift_count", "if k.low >= 0 and *", "if k.low >* and k.high < bits:"),
        ("_low_bits", "if e.low >= 0 and *", "if e.low >* and e.high <= mask:"),
        ("_low_bits", "if e.low >= 0 and *", "if e.low >= 0 and e.high < mask:"),
        ("lane_of", "if n * (lane + 1) == 128:", "*", "statement removed"),
        ("Operands.keep", "e = narrow(e) if *", "*"),
        ("_one_sided", "if e.low >= low and *", "pass"),
        ("_one_sided", "if e.high <= high and *", "pass"),
        ("_one_sided", "if e.op not in *", "if e.op not in ('add', 'sub') or *"),
        ("stored", "if value.low < 0 or *", "*value.high >= mask:"),
        ("view_index", "if index.low < 0 or *", "*index.high >= top:"),
    ),
    "constants: Python computes what is not computed here": (
        ("add", "if _fold(a, b):", "pass"),
        ("signed", "if e.op == 'const':", "pass"),
        ("exact", "if e.op == 'const':", "pass"),
        ("shl", "if k.op == 'const':", "pass"),
        ("_to_bytes", "if inner.op == 'const':", "pass"),
        ("_plus", "if e.op == 'const':", "pass"),
        ("_shift_count", "if *", "pass"),
        ("_low_bits", "if e.op == 'const':", "pass"),
        ("holds", "return args[1].op == 'const' and *", "*and signed(args[1]).value > 0"),
    ),
    "both forms of two equal numbers are equal": (
        ("_equality.rule", "half = *", "*"),
        ("_equality.rule", "both_signed = *", "*"),
        ("_equality.rule", "form = *", "*"),
        ("truth", "return exact(e)", "return signed(e)"),
    ),
    _WIDER: (
        ("full", "return (0, (1 << *", "return (0, (2 << *"),
        ("full", "return (0, (1 << *", "return (-1, (1 << *"),
        ("full", "return (0, (1 << *", "return (0, (1 << bits_of(type)) - 0)*"),
        ("full", "return (0, (1 << *", "return (0, (1 << bits_of(type)) + 1)*"),
        ("Builder._local", "half = 1 << *", "half = 2 << *"),
        ("_extend_u", "return *", "return node('as', (a,), I64)"),
        ("called", "bounds = *", "*if *not * else None"),
        ("called", "return node('vector', *", "*", "fact dropped"),
        ("select", "bounds = *", "pass"),
        ("select", "if first.type in (I32, I64):", "*"),
        ("select", "if first.traps or *", "if first.traps or second.traps:"),
        ("_divided", "bounds = *", "*e.high << shift)"),
        ("_sum", "bounds = *", "*a.high + b.low)"),
        ("loaded", "bounds = *", "*(-(2 << *"),
        ("loaded", "bounds = *", "*(-(1 << bits - 0)*"),
        ("loaded", "bounds = *", "*(-(1 << bits + 1)*"),
        ("loaded", "bounds = *", "*(2 << bits - 1) - 1)*"),
        ("loaded", "bounds = *", "*, (1 << bits - 0) - 1)*"),
        ("loaded", "bounds = *", "*, (1 << bits + 1) - 1)*"),
        ("loaded", "bounds = *", "*else (0, (2 << bits) - 1)"),
        ("loaded", "bounds = *", "*else (0, (1 << bits) - 0)"),
        ("loaded", "bounds = *", "*else (0, (1 << bits) + 1)"),
        ("", "OPERATORS[_mnemonic(_name)] = *", "*V128, *1)"),
        ("", "OPERATORS[_mnemonic(_name)] = *", "*, I32, 2)"),
        ("", "OPERATORS[_mnemonic(_name)] = *", "*, I32, 65536)"),
    ),
    "a range that nobody asks for: of a condition, an address, a float, a statement": (
        ("_plus", "bounds = *", "*"),
        ("_flipped", "return *", "return node('xor', (exact(e), const(e.type, half)), e.type*"),
        ("kept", "kept.low, kept.high = *", "*"),
        ("called", "def called(*", "*high: int=*1*"),
        ("address_of", "bounds = *", "*"),
        ("address_of", "address = node('add', *", "address = node('add', (address, offset), *"),
        ("_once", "named = node('named', *", "named = node('named', (e,), *"),
        ("view_index", "return node('shr', *", "*", "fact dropped"),
        ("view_index", "bounds = *", "bounds = *"),
        ("br_on_null", "condition = node(*", "condition = node(*bounds=(*"),
        ("br_on_non_null", "condition = node(*", "condition = node(*bounds=(*"),
        ("_cast_branch", "condition = node(*", "condition = node(*bounds=(*"),
        ("const", "bounds = *else (0, 0)", "bounds = *else (*1*)"),
        ("const", "return Expr('const', *", "*bounds[1], bounds[1]*"),
        ("const", "return Expr('const', *", "*bounds[0], bounds[0]*"),
        ("Expr", "low: int = 0", "*"),
        ("Expr", "high: int = 0", "*"),
        ("struct_set", "value = node('and', *", "*", "fact*"),
        ("struct_set", "value = node('and', *", "*, I64, bounds=*"),
        ("struct_new", "new = node(*", "*", "fact*"),
        ("Builder.call_node", "return node(*", "*", "fact*"),
        ("Builder.generic", "call = node(*", "*", "fact*"),
    ),
    "the type of what has no range or is a reference that is used as it is in valid code": (
        ("_arithmetic*", "*F*", "*F*", "name mistaken"),
        ("_to_f64", "*F64*", "*F32*", "name mistaken"),
        ("", "OPERATORS['f*", "*", "name mistaken"),
        ("", "for _t, _shape in ((F*", "*", "name mistaken"),
        ("ref_null", "*RefType(True, *", "*RefType(False, *"),
        ("struct_set", "value = node('and', *const(I32, *", "*const(I64, *"),
        ("_replace_float", "lane = const(I32, *", "*"),
        ("_extract_float", "*const(I32, *", "*const(I64, *"),
        ("*", "*const(I32, n * lane)*", "*const(I64, n * lane)*"),
        ("default_of", "if isinstance(t, RefType):", "pass"),
        ("is_bottom", "*isinstance(*", "return e.type.heap in *"),
        ("_part", "return Access(*", "return Access(*size=n // 8)"),
        ("Operands.keep_fresh", "*exact(e)*", "*"),
        ("exact", "if e.type not in (I32, I64) or is_exact(e):", "if is_exact(e):"),
        ("_set", "if e.type not in (I32, I64):", "pass"),
    ),
    "an instruction without a rule runs its own declaration": (
        ("", "if _n >= 32:", "*"),
        ("", "if 'access' in _op.data and *", "*"),
        ("", "OPERATORS[*", "pass"),
        ("", "RULES[*", "pass"),
        ("", "BY_CONSTANT[*", "pass"),
        ("_arithmetic", "OPERATORS[*", "*", "statement removed"),
        ("_simple", "OPERATORS[*", "pass"),
        ("_int.register", "OPERATORS[*", "pass"),
        ("_declare", "RULES[*", "pass"),
        ("", "_int(*", "pass"),
        ("", "_simple(*", "pass"),
        ("", "_arithmetic(*", "pass"),
        ("", "_declare(*", "pass"),
        ("", "rule(*", "pass"),
        ("", "for _wide, _sign, _forms in (*", "*", "operands swapped"),
        ("", "for _shape, _high in (*", "for _shape, _high in (('f64x2', *), ('f32x4', *"),
        ("", "for _name, _symbol in (*", "*in (('ne', '=='), ('ne', '!=')*", "word mistaken"),
        ("", "for _t, _shape in (*", "*", "operands swapped"),
        ("", "for _name, _* in (*", "*", "operands swapped"),
        ("_arithmetic", "OPERATORS[*", "OPERATORS[*op[*", "off by one"),
        ("", "OPERATORS[_mnemonic(_name)] = *", "OPERATORS[_name] = *"),
        ("make_step.run", "return tuple(*", "*if not results*"),  # none has several
        ("Builder._instruction", "if instr.op.pure is not None and *", "*None:"),
        ("Builder._instruction", "if instr.op.pure is not None and *", "*) == 2:"),
        ("Builder._instruction", "if instr.op.pure is not None and *", "*) == 0:"),
    ),
    "the same, said in another way": (
        ("_dot_add", "return called('i32x4_add', *", "*", "operands swapped"),
        ("dispatch", "_tree(*", "_tree(*, -1, *"),
        ("Flow._dominators.common", "if depth[a] < depth[b]:", "*<=*"),
        ("_one_sided", "if e.high <= high and *", "*low + width:"),
        ("_Structurer.near", "*", "*.behind, self.loops[-1].again)*"),
        ("_reachable", "found = *", "*"),
        ("_handlers", "regions: *", "*"),
        ("_Structurer.is_jump", "return *", "return self.is_join(source, target)"),
        ("Writer._assign", "if len(names) == 1 and *", "*len(names) == 2 and *"),
        ("_plus", "if not offset:", "pass"),
        ("Region", "outer: int = 0", "*"),
        ("_against", "if first >= 0:", "if first > 0:"),
        ("_against", "if first >= 0:", "if first >= 1:"),
        ("_function", "return (_rmw(*", "*, True, 1)"),
        ("Operands.cut", "for places in *", "*"),
        ("_one_sided", "half = *", "*local.low < -1 else 0"),
        ("_fdiv", "if b.op == 'const' and *", "if b.op == 'const' and b.value:"),
        ("_Structurer.after_loop", "self.out.line('pass')", "pass"),
        ("_Structurer.after_loop", "if self.go(target, fall):", "*"),
        ("_Structurer.own", "return False", "return True"),
        ("dispatch", "writer.close()", "pass"),
        ("_write", "if not writer.lines:", "pass"),
        ("_write", "writer.line('pass')", "pass"),
        ("Writer.close", "if opening.level == self.level and *", "if opening.level == self.level:"),
        ("Writer.close", "if opening.level == self.level and *", "*self.level or *"),
        ("Writer.condition", "if e.op in _COMPARE and (not sense):", "pass"),
        ("Writer.condition", "if e.args[0].type in (I32, I64) or *", "if *", "part*"),
        ("Writer.condition", "if e.args[0].type in (I32, I64) or *", "pass"),
        ("Writer.condition", "if e.args[0].type in (I32, I64) or *", "*(I32, I64) and *"),
        ("unmark", "if *not in text:", "pass"),
        ("_division.rule", "high = *", "*, -1)"),
        ("_division.rule", "high = *", "*max(b.high - 1, 1)"),
        ("_divided", "if by == 0:", "*", "statement removed"),
        ("_divided", "if by == 0:", "if by == -1:"),
        ("Flow._dominators", "parent, far, depth = *", "*root: -1*"),
        ("_zeros", "known.pop(name, None)", "pass"),
        ("_zeros", "known.setdefault(name, 0 if *", "*-1 if *"),
        ("enter_region", "handler = Try(*, 0, *", "handler = Try(*1, *"),
        ("make_step", "frame = *", "frame = Frame(*"),
        ("Typist._types_of", "checker.origins = *", "*"),
        ("_Measured", "lowest = 0", "*"),
        ("Flow._dominators", "even = *", "*"),
        ("Builder", "pc: int = *", "*"), ("_declare", "FUNCTIONS[*", "pass"),
        ("Flow._dominators.common", "a = far[a] if *", "*> depth[b] else parent[a]"),
        ("Flow._reverse_postorder", "target = ways[*", "target = ways[i - *"),
    ),
    "something is computed into a temporary, or more than once, although it need not be": (
        ("node", "def node(*", "def node(*: bool=True*"),
        ("Expr", "traps: bool = False", "*"),
        ("Expr", "state: bool = False", "*"),
        ("*", "*traps=True, state=True*", "*traps=True, at=*"),
        ("*", "*traps=True, state=True*", "*traps=True, state=False*"),
        ("Operands.keep_fresh", "if e.traps or e.state:", "if e.traps:"),
        ("Operands.keep_fresh", "if e.op == 'var' and *", "pass"),
        ("Operands.keep_fresh", "if e.op == 'var' and *", "*== 'var' and str(*) in *"),
        ("Operands.keep_fresh", "if e.op == 'var' and *", "if e.op == 'var':"),
        ("_called", "if e.traps:", "*"), ("_called", "b.settle_traps()", "*"),
        ("_settle_traps", "if b.trapping and *", "*+ used:"),
        ("_settle_traps", "if b.trapping and *", "if b.trapping:"),
        ("_settle_traps", "if b.trapping and *", "*<= len(b.stack) - used:"),
        ("struct_new", "b.effect()", "pass"),
        ("Operands.settle_local", "if place < len(self.stack) and *", "*< len(self.stack):"),
        ("Operands.keep", "if e.type in (I32, I64):", "*"),
        ("stored", "if access.type is F32 and *", "*"),
        ("stored", "value = b.keep(value)", "*"),
        ("loaded", "if access.size > 1 and *", "*"),
        ("loaded", "address = _once(b, address)", "*"),
        ("stored", "if (access.size > 1 or *", "if (access.size >*"),
        ("stored", "if (access.size > 1 or *", "if value.traps and *"),
        ("stored", "if (access.size > 1 or *", "if access.size > 1 or *"),
        ("_load", "check = *", "*{text} | *"),
        ("_load", "check = *", "*(1 >> shift) - 1*"),
        ("_do_store", "odd = *", "*(1 >> shift) - 1*"),
        ("_load", "name = *", "*if not *"),
        ("_load", "check = *", "check = *(2 << shift) - 1*"),
        ("_do_store", "odd = *", "odd = *(2 << shift) - 1*"),
    ),
    "another of several right shapes of the same control": (
        ("_Structurer.follow", "if fall is not None and *", "*"),
        ("_Structurer.follow", "best = *", "best = m*"),
        ("_Structurer.is_jump", "return *", "return target == fall and *"),
        ("Flow._extents", "size[block] = *", "*= 0 + sum*"),
        ("_Structurer.nested", "*", "*"),
        ("_Structurer.with_joins", "if join in self.wrapped:", "if not join *"),
        ("_Structurer.branch", "self.nested(fall)", "pass"),
        ("_Structurer.branch", "if self.is_jump(*", "if self.is_jump(number, no, fall)*"),
        ("_Structurer.branch", "if self.is_deep() and *", "pass"),
        ("Flow.is_entered_from", "return any(*", "return all(*"),
        ("Flow.is_entered_from", "return any(*", "*", "comparison"),
        ("Flow.is_entered_from", "return any(*", "*ways, low) < *(ways, *", "operands swapped"),
        ("Flow.leading_on", "block = *", "*if i > 0 else target"),
        ("Flow.leading_on", "block = *", "*if i >= 1 else target"),
        ("br_table", "if depth < len(b.opens) and *", "pass"),
        ("_split", "if taken is None and *", "if taken is not None and *"),
    ),
    "what people read: comments, indentation, parentheses, names, hexadecimal numbers": (
        ("compile_function", "compiled.ats*", "*"),
        ("compile_function", "indent = *", "indent = *if * < *"),
        ("compile_function", "*Spot(*width*", "*Spot(s.first - width, *"),
        ("*", "*at: int=0*", "*at: int=*1*"),
        ("*", "at: int = 0", "*"),
        ("*", "*Do(*, at=*", "*", "fact dropped"),
        ("Writer.insert", "*self.level, text, 0*", "*self.level, text, *1*"),
        ("Writer.close", "self.lines.append(Line(self.level + 1, 'pass', *", "*"),
        ("Writer.*", "self.level = 1", "self.level = 2"),
        ("Writer.leave", "value = *", "value = *len(texts) > 0*"),
        ("Writer._const", "return f'({text})' if *", "return f'({text})' if *"),
        ("Writer.condition", "return *word} None*", "*COMPARE + *"),
        ("Writer.text", "left, right = *", "*COMPARE + 2)*"),
        ("_do_store", "plain = *", "*COMPARE + 2)"),
        ("_within", "return *", "*COMPARE + 2)}*"),
        ("Writer.text", "def text(*", "*strength: int=*1*"),
        ("number", "return str(value) if *", "return * if *abs(value) * else *"),
        ("*", "*number(*", "*", "call dropped"),
        ("_fdiv", "return *PRODUCT + 1*", "return (f*PRODUCT *)}', PRODUCT)"),
        ("local_names", "names[name if *", "*"),
        ("Operands", "count: int = *", "*"), ("Operands.fresh", "self.count += 1", "*= 2"),
        ("", "Statement: *", "*"),
        ("Tail", "__slots__ = *", "*"),
    ),
    "names and limits of time, which unit tests look at": (
        ("_is_plain", "return not (own[0] == 'f' and *", "*", "off by one"),
        ("Builder._meter", "*metering.clock*", "*"),
        ("Builder._meter", "*Do('clock'*", "*"),
        ("_do_clock", "*", "*"),
    ),
}  # fmt: skip

EQUIVALENT = tuple(
    Equivalent(scope, before, after, why, *rule)
    for why, lines in _REASONS.items()
    for scope, before, after, *rule in lines
)


def reason(m: Mutation) -> str | None:
    """Why a mutation changes no result; None if it should."""
    if m.wider:
        return _WIDER
    return next((e.why for e in EQUIVALENT if e.covers(m)), None)


def split(mutations: Sequence[Mutation]) -> tuple[list[Mutation], list[Mutation]]:
    """Those that count, and those that change no result."""
    counted, excluded = [], []
    for m in mutations:
        (counted if reason(m) is None else excluded).append(m)
    return counted, excluded
