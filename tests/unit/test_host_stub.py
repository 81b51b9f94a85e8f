"""`watloom stub`: imports for a host module, a host module for imports."""

from pathlib import Path
from typing import Any

import pytest

import watloom
from commandline import CommandLine, cli
from watloom.host import HostModule
from watloom.interp.host.stub import host_stub, imports_stub

__all__ = ["cli"]

HOSTS = """from watloom.host import *

@wasm_struct
class Point:
    x: I32
    y: F64

class Geometry(HostModule, name="geometry"):
    @export
    def area(self, points: Array[Point], scale: F32) -> I32: ...
    @export("odd \\"name\\"")
    def odd(self, caller: Caller, p: Ptr[Point]) -> I64 | Errno: ...
    @export(raw="i32 externref -> i32")
    def raw(self, caller, n, x): ...

class Empty(HostModule): ...
"""

IMPORTS = r""";; geometry: the host module Geometry
;; Point: x I32 at 0, y F64 at 8; 16 bytes
;; area(points: Array[Point], scale: F32) -> I32
(import "geometry" "area" (func $area (param $points i32) (param $points_len i32) (param $scale f32) (result i32)))
;; odd(caller: Caller, p: Ptr[Point]) -> I64 | Errno
(import "geometry" "odd \"name\"" (func $"odd \"name\"" (param $p i32) (result i64 i32)))
;; raw: (func (param i32 externref) (result i32))
(import "geometry" "raw" (func $raw (param i32) (param externref) (result i32)))
"""  # noqa: E501

GUEST = r"""(module
  (type $t (func (param i32) (result i64 f32)))
  (import "geometry" "area" (func (param $points i32) (param $points_len i32) (result i32)))
  (import "my host" "class" (func (type $t)))
  (import "my host" "a\"\"\"b" (func (param externref funcref)))
  (import "my host" "a\"b\n" (func (param f64)))
  (import "geometry" "memory" (memory 1))
  (import "geometry" "fd" (func (param (ref null $t))))
  (func $twice (import "geometry" "two words") (param $x f32) (param i32)))"""

CLASSES = r'''"""Host modules for <module>."""

from __future__ import annotations

from watloom.host import Caller, F32, F64, I32, I64, HostModule, export


class Geometry(HostModule, name='geometry'):
    """What guests import as geometry."""

    @export
    def area(self, points: I32, points_len: I32) -> I32:
        raise NotImplementedError

    # memory is not a function: linker.define it. (memory 1)

    # fd has the type (func (param (ref null (func (param i32) (result i64 f32))))): make it with watloom.Func

    @export('two words')
    def two_words(self, x: F32, p1: I32) -> None:
        raise NotImplementedError


class MyHost(HostModule, name='my host'):
    """What guests import as my host."""

    @export('class')
    def class_(self, p0: I32) -> tuple[I64, F32]:
        raise NotImplementedError

    @export('a"""b', raw='externref funcref ->')
    def a_b(self, caller: Caller, *slots: object) -> object:
        raise NotImplementedError

    @export('a"b\n')
    def a_b_2(self, p0: F64) -> None:
        raise NotImplementedError
'''  # noqa: E501


def test_from_a_class_to_imports(cli: CommandLine, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts.py"
    hosts.write_text(HOSTS)
    done = cli("stub", f"{hosts}:Geometry")
    assert (done.status, done.err, done.out) == (0, "", IMPORTS)
    assert cli("stub", hosts).out == IMPORTS + "\n;; empty: the host module Empty\n"
    out = tmp_path / "stub.wat"
    assert cli("stub", "-o", out, f"{hosts}:Geometry").status == 0
    assert out.read_text() == IMPORTS


def test_a_class_is_found_by_its_name_alone(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_hosts.py").write_text(HOSTS)
    (tmp_path / "other.py").write_text("raise SystemExit('not to be run')")
    assert cli("stub", "Geometry").out == IMPORTS
    (tmp_path / "b_hosts.py").write_text(HOSTS)
    done = cli("stub", "Geometry")
    assert done.status == 1 and "`class Geometry` is in a_hosts.py, b_hosts.py" in done.err


def test_what_is_printed_links_to_the_class(tmp_path: Path) -> None:
    namespace: dict[str, type[HostModule]] = {}
    exec(HOSTS, namespace)
    geometry = namespace["Geometry"]
    linker = watloom.Linker()
    linker.add(geometry())
    linker.instantiate(f"(module {imports_stub(geometry)})")


def test_from_imports_to_classes() -> None:
    assert host_stub(watloom.Module(GUEST)) == CLASSES


def test_what_is_printed_answers_the_imports(cli: CommandLine, tmp_path: Path) -> None:
    guest = tmp_path / "guest.wat"
    guest.write_text(GUEST)
    namespace: dict[str, type[HostModule]] = {}
    exec(cli("stub", guest).out, namespace)
    linker = watloom.Linker()
    geometry, other = namespace["Geometry"](), namespace["MyHost"]()
    linker.add(other)
    exports: dict[str, object] = {**geometry.instantiate(linker.store).exports}
    exports |= {"memory": watloom.Memory(watloom.MemType(watloom.interp.core.types.Limits(1)))}
    exports |= {"fd": lambda fd: None}
    linker.instantiate(watloom.Module(GUEST), {"geometry": exports})


@pytest.mark.parametrize(
    ("what", "text", "message"),
    [
        ("h.py:Geometri", HOSTS, "error: h.py has no host module `Geometri`\nhelp: did you mean"),
        ("h.py", "x = 1", "error: h.py has no host module\nhelp: "),
        ("h.py", "import nothing_such", "error: h.py:1 cannot be imported: ModuleNotFoundError"),
        ("h.py", "\nx = = 1", "error: h.py:2 cannot be imported: SyntaxError"),
        ("h.py", "open('nothing')", "error: h.py:1 cannot be imported: FileNotFoundError"),
        ("no.py", "", "error: no.py: No such file or directory"),
        ("Nothing", "", "error: `class Nothing` is in no .py file here\nhelp: say which:"),
        ("no.such:Class", "", "error: no.such cannot be imported: ModuleNotFoundError"),
        ("no.wat", "", "error: no.wat: No such file or directory"),
        (
            "h.py",
            "from watloom.host import *\nclass G(HostModule):\n @export\n def f(self, n: int): ...",
            "error in a host module: G.f: parameter `n`: `int` does not say how many bits",
        ),
    ],
)
def test_errors(
    what: str, text: str, message: str, cli: CommandLine, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "h.py").write_text(text)
    done = cli("stub", what)
    assert done.status == 1 and done.out == ""
    assert done.err.replace(f"{tmp_path}/", "").startswith(message)


ODD = """
from watloom.host import *
class First(HostModule, name="one\\ntwo"):
    @export
    def next(self, p: Bytes, p_len: I32) -> I32: ...
class Second(HostModule):
    @export
    def next(self) -> I32: ...
    @export("a\\nb", raw="i32 -> i32")
    def raw(self, caller, n): ...
"""


def test_imports_of_several_classes_stand_in_one_module(cli: CommandLine, tmp_path: Path) -> None:
    """Also where they share names, and where names do not fit into a comment."""
    hosts = tmp_path / "hosts.py"
    hosts.write_text(ODD)
    names: dict[str, type[HostModule]] = {}
    exec(ODD, names)
    linker = watloom.Linker()
    linker.add(names["First"]())
    linker.add(names["Second"]())
    linker.instantiate(f"(module {cli('stub', hosts).out})")


@pytest.mark.parametrize(
    "imports",
    [
        '(import "m" "f" (func)) (import "m" "f" (func))',
        '(import "m" "export" (func)) (import "m" "later" (func (param i32)))',
        '(import "I32" "f" (func (param i32)))',
        '(import "" "" (func (result i32)))',
    ],
)
def test_imports_with_awkward_names_have_classes(imports: str) -> None:
    module = watloom.Module(f"(module {imports})")
    namespace: dict[str, Any] = {}
    exec(host_stub(module), namespace)
    linker = watloom.Linker()
    for cls in namespace.values():
        if isinstance(cls, type) and issubclass(cls, HostModule) and cls is not HostModule:
            linker.add(cls())
    linker.instantiate(module)


def test_an_import_of_two_types_has_one_method() -> None:
    module = watloom.Module('(module (import "m" "f" (func)) (import "m" "f" (global i32)))')
    assert "    # f is imported as another thing too: (global i32)\n" in host_stub(module)


def test_a_file_that_exits(cli: CommandLine, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts.py"
    hosts.write_text("raise SystemExit(0)")
    done = cli("stub", hosts)
    assert done.status == 1 and "hosts.py:1 cannot be imported: SystemExit: 0" in done.err
