"""What is wrong with a class is told when it is defined: class, method, parameter, and the fix."""

import textwrap
from collections.abc import Callable

import pytest

from watloom import DefinitionError

HEAD = """
from collections.abc import Callable
from dataclasses import InitVar, field
from typing import Annotated, Any, Optional
import numpy as np
from watloom.host import *

@wasm_struct
class Point:
    x: I32
    y: I32

@wasm_struct
class Named:
    name: String

class Plain: ...
"""

#: name of the golden file → a method of `class Geometry(HostModule)`, or whole definitions
METHODS = {
    "int": "@export\ndef area(self, n: int) -> I32: ...",
    "int-result": "@export\ndef area(self) -> int: ...",
    "no-annotation": "@export\ndef area(self, n) -> I32: ...",
    "no-result": "@export\ndef area(self, n: I32): ...",
    "struct-by-value": "@export\ndef area(self, p: Point) -> I32: ...",
    "struct-result": "@export\ndef area(self) -> Point: ...",
    "string-result": "@export\ndef label(self) -> str: ...",
    "list": "@export\ndef area(self, ps: list[Point]) -> I32: ...",
    "array-of-what": "@export\ndef area(self, ps: Array) -> I32: ...",
    "array-of-strings": "@export\ndef area(self, ps: Array[Named]) -> I32: ...",
    "list-of-ints": "@export\ndef area(self, ps: List[int]) -> I32: ...",
    "ndarray": "@export\ndef area(self, ps: np.ndarray) -> I32: ...",
    "optional-number": "@export\ndef area(self, n: Optional[I32]) -> I32: ...",
    "union": "@export\ndef area(self, n: I32 | F32) -> I32: ...",
    "union-result": "@export\ndef area(self) -> I32 | F32: ...",
    "errno-parameter": "@export\ndef area(self, n: Errno) -> I32: ...",
    "unknown-name": '@export\ndef area(self, n: "I23") -> I32: ...',
    "no-form": "@export\ndef area(self, n: Plain) -> I32: ...",
    "pointer-to-no-form": "@export\ndef area(self, n: Ptr[Plain]) -> I32: ...",
    "star": "@export\ndef area(self, *n: I32) -> I32: ...",
    "keyword": "@export\ndef area(self, *, n: I32) -> I32: ...",
    "property": "@export\n@property\ndef area(self) -> I32: ...",
    "static-on-top": "@staticmethod\n@export\ndef area() -> I32: ...",
    "property-on-top": "@property\n@export\ndef area(self) -> I32: ...",
    "no-self": "@export\ndef area(points: Array[Point]) -> I32: ...",
    "no-parameter": "@export\ndef area() -> I32: ...",
    "type": "area = export(int)",
    "how-many-results": "@export\ndef area(self) -> tuple[I32, ...]: ...",
    "text-policy": "@export\ndef area(self, s: Annotated[str, utf8('lenient')]) -> I32: ...",
    "raw-parameters": "@export(raw='i32 i32 -> i32')\ndef area(self, n, m): ...",
    "static": "@export\n@staticmethod\ndef area() -> I32: ...",
    "reserved": "@export\ndef close(self) -> Errno: ...",
    "generator": "@export\ndef area(self) -> I32: yield 1",
    "twice": "@export\ndef area(self) -> I32: ...\n@export('area')\ndef area2(self) -> I32: ...",
    "raw": "@export(raw='i32, i32')\ndef area(self, caller, n): ...",
}
DEFINITIONS = {
    "struct-field": "@wasm_struct\nclass Line:\n    length: int",
    "struct-empty": "@wasm_struct\nclass Line: ...",
    "struct-slots": "@wasm_struct(slots=True)\nclass Line:\n    x: I32",
    "struct-keywords": "@wasm_struct(kw_only=True)\nclass Line:\n    x: I32",
    "struct-dead-end": textwrap.dedent("""
        @wasm_struct
        class Line:
            next: Ptr[Plain]
        class Geometry(HostModule):
            @export
            def area(self, line: Ptr[Line]) -> None: ...
    """),
    "struct-init": "@wasm_struct\nclass Line:\n    x: I32 = field(init=False, default=1)",
    "struct-initvar": "@wasm_struct\nclass Line:\n    x: I32\n    y: InitVar[int]",
    "own-not-a-classmethod": textwrap.dedent("""
        class Colour:
            wasm_params = "i32"
            def from_wasm(self, caller, n): ...
        class Geometry(HostModule):
            @export
            def area(self, c: Colour) -> None: ...
    """),
    "own-no-to-wasm": textwrap.dedent("""
        class Colour:
            wasm_results = "i32"
        class Geometry(HostModule):
            @export
            def area(self) -> Colour: ...
    """),
    "own-align": textwrap.dedent("""
        class Name:
            wasm_size, wasm_align = 4, 3
            load = store = None
        class Geometry(HostModule):
            @export
            def area(self, c: Ptr[Name]) -> None: ...
    """),
    "denied-subclass": textwrap.dedent("""
        @denied(Errno.ACCES)
        class Locked(HostModule):
            @export
            def open(self) -> Errno: ...
        class Geometry(Locked):
            @export
            def area(self) -> I32: ...
    """),
    "own-type": textwrap.dedent("""
        class Colour:
            wasm_params = "i23"
        class Geometry(HostModule):
            @export
            def area(self, c: Colour) -> None: ...
    """),
    "own-size": textwrap.dedent("""
        class Name:
            wasm_size = 0
            load = store = None
        class Geometry(HostModule):
            @export
            def area(self, c: Ptr[Name]) -> None: ...
    """),
}


def definition(name: str) -> str:
    if name in DEFINITIONS:
        return DEFINITIONS[name]
    return "class Geometry(HostModule):\n" + textwrap.indent(METHODS[name], "    ")


@pytest.mark.parametrize("name", [*METHODS, *DEFINITIONS])
def test_error(name: str, golden: Callable[[str, str], None]) -> None:
    text = definition(name)
    with pytest.raises(DefinitionError) as caught:
        exec(HEAD + text, {"__name__": "watloom"})
    assert caught.value.help
    golden(f"{text.strip()}\n\n{caught.value}\n", f"errors/host/{name}.txt")


def test_it_is_a_type_error() -> None:
    assert issubclass(DefinitionError, TypeError)
