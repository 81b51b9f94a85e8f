"""Integer operators as expressions, wrapped as late as can be.

    i32.and (i32.add x 1) 255    →    x + 1 & 255            no wrap: `and` makes it exact
    i32.lt_u (i32.add x 1) y     →    (x + 1 & 0xffffffff) < y

`OPERATORS[mnemonic](args, at)` makes the expression of a pure instruction; an instruction without a
rule calls its own body (`Op.pure`). `exact` is the unsigned form, `signed` the signed one.
"""

from __future__ import annotations

from collections.abc import Callable

from watloom.interp.compile.ir import Expr, bits_of, const, is_exact, node
from watloom.interp.core.dataclass import replace
from watloom.interp.core.types import F64, I32, I64

__all__ = ["BY_CONSTANT", "OPERATORS", "exact", "holds", "loose", "narrow", "signed", "truth"]

#: Beyond this an int is no longer cheap; wrap before it gets there.
_WIDE = 1 << 62

Rule = Callable[[tuple[Expr, ...], int], Expr]
OPERATORS: dict[str, Rule] = {}


# ------------------------------------------------------------------ the exact forms


def exact(e: Expr) -> Expr:
    """The unsigned form: 0 ≤ value < 2^bits."""
    if e.type not in (I32, I64) or is_exact(e):
        return e
    bits = bits_of(e.type)
    mask = (1 << bits) - 1
    if e.op == "const":
        return const(e.type, e.value & mask)
    if e.op in ("sign", "sign_wrap") and e.value == 1 << (bits - 1):
        return exact(e.args[0])
    if _is_whole_load(e):  # through the other view
        return replace(e, low=0, high=mask)
    return node("mask", (e,), e.type, bounds=(0, mask), value=mask)


def signed(e: Expr) -> Expr:
    """The signed form: -2^(bits-1) ≤ value < 2^(bits-1)."""
    half = 1 << (bits_of(e.type) - 1)
    if -half <= e.low and e.high < half:
        return e
    if e.op == "const":
        value = e.value & (2 * half - 1)
        return const(e.type, value - 2 * half if value >= half else value)
    if e.op == "mask":
        e = e.args[0]
    if _is_whole_load(e):
        return replace(e, low=-half, high=half - 1)
    if not is_exact(e):
        return node("sign_wrap", (e,), e.type, bounds=(-half, half - 1), value=half)
    return node("sign", (e,), e.type, bounds=(-half, half - 1), value=half)


def _is_whole_load(e: Expr) -> bool:
    """Whether a load fills its type, so that either form can be had."""
    return e.op in ("load", "load_at") and 8 * e.value[1].size == bits_of(e.type)


def narrow(e: Expr) -> Expr:
    """The expression, wrapped if its bounds have grown too far."""
    return e if e.low > -_WIDE and e.high < _WIDE else exact(e)


def loose(e: Expr) -> Expr:
    """The expression without its outermost mask, where any congruent value will do."""
    if e.op == "mask" and e.args[0].low > -_WIDE and e.args[0].high < _WIDE:
        return e.args[0]
    return e


# ------------------------------------------------------------------ rules


def _int(name: str) -> Callable[[Callable[[Expr, Expr], Expr]], None]:
    """Register a rule of two operands for both widths."""

    def register(rule: Callable[[Expr, Expr], Expr]) -> None:
        for width in ("i32", "i64"):
            OPERATORS[f"{width}.{name}"] = lambda args, at: rule(args[0], args[1])

    return register


def _fold(a: Expr, b: Expr) -> bool:
    return a.op == "const" and b.op == "const"


@_int("add")
def add(a: Expr, b: Expr) -> Expr:
    a, b = loose(a), loose(b)
    if b.op == "const":
        b = signed(b)  # x + 0xffffffff is x - 1
    if _fold(a, b):
        return exact(const(a.type, a.value + b.value))
    return narrow_result(node("add", (a, b), a.type, bounds=(a.low + b.low, a.high + b.high)))


@_int("sub")
def sub(a: Expr, b: Expr) -> Expr:
    a, b = loose(a), loose(b)
    if b.op == "const":
        b = signed(b)
    return narrow_result(node("sub", (a, b), a.type, bounds=(a.low - b.high, a.high - b.low)))


@_int("mul")
def mul(a: Expr, b: Expr) -> Expr:
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    if max(map(abs, corners)) >= 1 << 96:
        a, b = exact(a), exact(b)
    return exact(node("mul", (a, b), a.type, bounds=(min(corners), max(corners))))


def narrow_result(e: Expr) -> Expr:
    """A sum stays unwrapped in 32 bits; in 64 bits it is wrapped at once, being large anyway."""
    return exact(e) if e.type is I64 and not is_exact(e) else narrow(e)


@_int("and")
def and_(a: Expr, b: Expr) -> Expr:
    if a.op == "const":
        a, b = b, a
    if b.op == "const":
        return node("and", (loose(a), b), a.type, bounds=(0, b.value))
    a, b = exact(a), exact(b)
    return node("and", (a, b), a.type, bounds=(0, min(a.high, b.high)))


def _bitwise(op: str) -> Callable[[Expr, Expr], Expr]:
    def rule(a: Expr, b: Expr) -> Expr:
        a, b = loose(a), loose(b)  # congruent operands give a congruent result
        if min(a.low, b.low) < 0 or max(a.high, b.high) >= _WIDE:
            a, b = exact(a), exact(b)
        top = (1 << max(a.high, b.high).bit_length()) - 1
        return node(op, (a, b), a.type, bounds=(0, top))

    return rule


_int("or")(_bitwise("or"))
_int("xor")(_bitwise("xor"))


@_int("shl")
def shl(a: Expr, k: Expr) -> Expr:
    bits = bits_of(a.type)
    if k.op == "const":
        by = k.value % bits
        a = loose(a)
        bounds = (a.low << by, a.high << by)
        return exact(node("shl", (a, const(a.type, by)), a.type, bounds=bounds))
    a = exact(a)
    by_ = node("and", (loose(k), const(k.type, bits - 1)), k.type, bounds=(0, bits - 1))
    return exact(node("shl", (a, by_), a.type, bounds=(0, a.high << (bits - 1))))


def _shift_count(k: Expr, bits: int) -> Expr:
    if k.op == "const":
        return const(k.type, k.value % bits)
    if k.low >= 0 and k.high < bits:
        return k
    return node("and", (loose(k), const(k.type, bits - 1)), k.type, bounds=(0, bits - 1))


@_int("shr_u")
def shr_u(a: Expr, k: Expr) -> Expr:
    a, k = exact(a), _shift_count(k, bits_of(a.type))
    high = a.high >> k.low
    return node("shr", (a, k), a.type, bounds=(0, high))


@_int("shr_s")
def shr_s(a: Expr, k: Expr) -> Expr:
    a, k = signed(a), _shift_count(k, bits_of(a.type))
    low = min(a.low >> k.low, a.low >> k.high)
    high = max(a.high >> k.low, a.high >> k.high)
    return node("shr", (a, k), a.type, bounds=(low, high))


# ------------------------------------------------------------------ comparisons


def _unsigned(op: str) -> Callable[[Expr, Expr], Expr]:
    return lambda a, b: node(op, (exact(a), exact(b)), I32, bounds=(0, 1))


def _signed(op: str) -> Callable[[Expr, Expr], Expr]:
    """Signed forms are compared where they are at hand, else the unsigned ones."""

    def rule(a: Expr, b: Expr) -> Expr:
        if b.op == "const" and _is_large(a):
            return _against(op, a, signed(b).value)
        if a.op == "const" and _is_large(b):
            return _against(_MIRRORED[op], b, signed(a).value)
        form = _flipped if _is_large(a) and _is_large(b) else signed
        return node(op, (form(a), form(b)), I32, bounds=(0, 1))

    return rule


_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _is_large(e: Expr) -> bool:
    """Whether the value is in unsigned form, and its signed form would be another."""
    return is_exact(e) and e.high >> (bits_of(e.type) - 1) != 0 and not _is_whole_load(e)


def _flipped(e: Expr) -> Expr:
    """Unsigned values with the sign bit turned over are ordered as the signed ones."""
    half = 1 << (bits_of(e.type) - 1)
    return node("xor", (exact(e), const(e.type, half)), e.type, bounds=(0, 2 * half - 1))


def _against(op: str, a: Expr, limit: int) -> Expr:
    """A signed comparison of an unsigned form with a constant: between which numbers is it true?

    >>> from watloom.interp.compile.ir import var
    >>> e = _against("<", var("x", I32), 7)  # not 7 <= x <= 0x7fffffff
    >>> e.op, e.args[0].op, e.args[0].value == (7, 0x7FFF_FFFF)
    ('not', 'within', True)
    """
    half = 1 << (bits_of(a.type) - 1)
    first = limit if op in ("<", ">=") else limit + 1  # op is "below first" or "from first on"
    if first >= 0:
        inside = node("within", (a,), I32, bounds=(0, 1), value=(first, half - 1))
        return inside if op in (">", ">=") else node("not", (inside,), I32, bounds=(0, 1))
    inside = node("within", (a,), I32, bounds=(0, 1), value=(half, first + 2 * half - 1))
    return inside if op in ("<", "<=") else node("not", (inside,), I32, bounds=(0, 1))


def _equality(op: str) -> Callable[[Expr, Expr], Expr]:
    def rule(a: Expr, b: Expr) -> Expr:
        half = 1 << (bits_of(a.type) - 1)
        both_signed = all(-half <= e.low and e.high < half for e in (a, b))
        form = signed if both_signed else exact
        return node(op, (form(a), form(b)), I32, bounds=(0, 1))

    return rule


_int("eq")(_equality("=="))
_int("ne")(_equality("!="))
for _name, _op in (("lt", "<"), ("gt", ">"), ("le", "<="), ("ge", ">=")):
    _int(f"{_name}_s")(_signed(_op))
    _int(f"{_name}_u")(_unsigned(_op))


def _eqz(args: tuple[Expr, ...], at: int) -> Expr:
    a = exact(args[0])
    return node("not", (a,), I32, bounds=(0, 1))


OPERATORS["i32.eqz"] = OPERATORS["i64.eqz"] = _eqz


def truth(e: Expr) -> Expr:
    """The expression as a condition: true where the i32 is not zero."""
    return exact(e)


# ------------------------------------------------------------------ division


def _division(op: str, form: Callable[[Expr], Expr]) -> Rule:
    def rule(args: tuple[Expr, ...], at: int) -> Expr:
        a, b = form(args[0]), form(args[1])
        high = (1 << bits_of(a.type)) - 1 if op == "//" else max(b.high - 1, 0)
        return node(op, (a, b), a.type, bounds=(0, min(a.high, high)), traps=True, at=at)

    return rule


for _width in ("i32", "i64"):
    OPERATORS[f"{_width}.div_u"] = _division("//", exact)
    OPERATORS[f"{_width}.rem_u"] = _division("%", exact)


def _by_constant(op: str) -> Rule:
    """A signed quotient or rest by a positive constant, which Python rounds the other way."""

    def rule(args: tuple[Expr, ...], at: int) -> Expr:
        a, by = signed(args[0]), signed(args[1]).value
        if a.low >= 0:
            high = a.high // by if op == "//" else by - 1
            return node(op, (a, const(a.type, by)), a.type, bounds=(0, min(a.high, high)))
        most = max(-a.low, a.high) // by if op == "//" else by - 1
        return node(f"truncated {op}", (a,), a.type, bounds=(-most, most), value=by)

    return rule


#: Rules of instructions whose second operand is a constant for which they hold.
BY_CONSTANT: dict[str, Rule] = {}
for _width in ("i32", "i64"):
    BY_CONSTANT[f"{_width}.div_s"] = _by_constant("//")
    BY_CONSTANT[f"{_width}.rem_s"] = _by_constant("%")


def _rotate(left: bool) -> Rule:
    def rule(args: tuple[Expr, ...], at: int) -> Expr:
        a, bits = exact(args[0]), bits_of(args[0].type)
        by = args[1].value % bits if left else -args[1].value % bits
        top = (1 << (a.high << by).bit_length()) - 1
        return exact(node("rotate", (a,), a.type, bounds=(0, top), value=(by, bits - by)))

    return rule


for _width in ("i32", "i64"):
    BY_CONSTANT[f"{_width}.rotl"] = _rotate(True)
    BY_CONSTANT[f"{_width}.rotr"] = _rotate(False)


def holds(mnemonic: str, args: tuple[Expr, ...]) -> bool:
    """Whether the rule in `BY_CONSTANT` may be used for these operands."""
    return args[1].op == "const" and (mnemonic[4:] in ("rotl", "rotr") or signed(args[1]).value > 0)


# ------------------------------------------------------------------ conversions


def _wrap(args: tuple[Expr, ...], at: int) -> Expr:
    a = args[0]
    return exact(node("as", (a,), I32, bounds=(a.low, a.high)))


def _extend_u(args: tuple[Expr, ...], at: int) -> Expr:
    a = exact(args[0])
    return node("as", (a,), I64, bounds=(a.low, a.high))


def _extend_s(args: tuple[Expr, ...], at: int) -> Expr:
    a = signed(args[0])
    return node("as", (a,), I64, bounds=(a.low, a.high))


OPERATORS["i32.wrap_i64"] = _wrap
OPERATORS["i64.extend_i32_u"] = _extend_u
OPERATORS["i64.extend_i32_s"] = _extend_s


def _to_f64(form: Callable[[Expr], Expr]) -> Rule:
    return lambda args, at: node("float", (form(args[0]),), F64)


for _source in ("i32", "i64"):
    OPERATORS[f"f64.convert_{_source}_s"] = _to_f64(signed)
    OPERATORS[f"f64.convert_{_source}_u"] = _to_f64(exact)
