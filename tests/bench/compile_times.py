"""How long compiling takes at 1×, 2× and 4× sizes: it should grow as the size does.

The shapes are those that a compiler likes to be quadratic in. Results are checked, times printed.
"""

import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

import watloom
from watloom.interp.compile.emit import compile_function

Shape = Callable[[int], tuple[str, tuple[int, ...], int]]


def function(body: str, locals: str = "", more: str = "") -> str:
    return f'(module (func (export "f") (param i32) (result i32) {locals} {body}) {more})'


def nested_loops(n: int) -> tuple[str, tuple[int, ...], int]:
    code = "(local.set 1 (i32.add (local.get 1) (i32.const 1)))"
    for k in range(n):
        code = f"(loop ${k} {code} (br_if ${k} (i32.eq (local.get 0) (local.get 1))))"
    return function(f"{code} (local.get 1)", "(local i32)"), (0,), 1


def blocks(n: int) -> tuple[str, tuple[int, ...], int]:
    code = "".join(
        f"(if (i32.eq (local.get 0) (i32.const {k})) (then (local.set 1 (i32.const {k}))))"
        for k in range(n // 2)
    )
    return function(f"{code} (local.get 1)", "(local i32)"), (n // 4,), n // 4


def ways(n: int, case: str, last: str) -> str:
    opened = "".join(f"(block ${k} " for k in range(n))
    labels = " ".join(f"${k}" for k in range(n))
    cases = "".join(") " + case.format(k=k) for k in reversed(range(n)))
    table = f"(br_table {labels} $default (local.get 0))"
    return function(f"(block $default {opened} {table} {cases}) {last}", "(local i32)")


def returning_ways(n: int) -> tuple[str, tuple[int, ...], int]:
    return ways(n, "(return (i32.const {k}))", "(i32.const -1)"), (n // 2,), n // 2


def falling_ways(n: int) -> tuple[str, tuple[int, ...], int]:
    case = "(local.set 1 (i32.add (local.get 1) (i32.const 1)))"
    return ways(n, case, "(local.get 1)"), (n // 2,), n // 2 + 1


def deep_expression(n: int) -> tuple[str, tuple[int, ...], int]:
    code = "(i32.xor (local.get 0) " * n + "(i32.const 7)" + ")" * n
    return function(code), (5,), 7 if n % 2 == 0 else 7 ^ 5


def many_locals(n: int) -> tuple[str, tuple[int, ...], int]:
    sets = "".join(f"(local.set {k} (local.get {k - 1}))" for k in range(1, n + 1))
    return function(f"{sets} (local.get {n})", f"(local {'i32 ' * n})"), (9,), 9


def many_calls(n: int) -> tuple[str, tuple[int, ...], int]:
    calls = "(local.set 0 (call $g (local.get 0)))" * n
    more = "(func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))"
    return function(f"{calls} (local.get 0)", more=more), (1,), n + 1


SHAPES: dict[str, tuple[Shape, int]] = {
    "nested loops": (nested_loops, 50),
    "blocks": (blocks, 20_000),
    "br_table, each way returns": (returning_ways, 5_000),
    "br_table, falling through": (falling_ways, 5_000),
    "deep expression": (deep_expression, 10_000),
    "many locals": (many_locals, 2_000),
    "many calls": (many_calls, 5_000),
}


def measured(shape: Shape, n: int) -> tuple[float, int]:
    """The seconds that compiling takes, Python's own part included, and the size of the source."""
    text, arguments, wanted = shape(n)
    module = watloom.Module(text)
    began = time.perf_counter()
    compiled = compile_function(module.valid, module.valid.funcs[0])
    _ = compiled.code
    seconds = time.perf_counter() - began
    result = watloom.instantiate(module).exports.f(*arguments)
    assert result == wanted, f"{result} is wrong, {wanted} is right"
    return seconds, len(compiled.source)


def main(scale: float = 1) -> None:
    table = Table("shape", "size", "1×, s", "2×, s", "4×, s", "source, 4× / 1×", title="compiling")
    for name, (shape, size) in SHAPES.items():
        times, sizes = zip(
            *(measured(shape, int(size * scale * k)) for k in (1, 2, 4)), strict=True
        )
        row = [f"{seconds:.3f}" for seconds in times]
        table.add_row(name, f"{int(size * scale):,}", *row, f"{sizes[2] / sizes[0]:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
