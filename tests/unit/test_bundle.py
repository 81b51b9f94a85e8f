"""Bundling and unbundling: files become one, one becomes files, and what they do stays."""

import pytest

import watloom
from linked_programs import PROGRAMS, linked
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.module import NestedModule
from watloom.interp.core.source import Source
from watloom.interp.link.bundle import bundle
from watloom.interp.link.linker import Linker
from watloom.interp.link.load import read_source
from watloom.interp.link.unbundle import unbundle

pytestmark = pytest.mark.usefixtures("in_both_tiers")


def split(text, folder, name="main.wat"):
    """The files of a bundle, written into a folder; the path of the parent."""
    files = unbundle(Source(name, text=text), DEFAULT, name)
    for file, content in files.items():
        (folder / file).write_text(content)
    return folder / name


def joined(path):
    return bundle(read_source(path), Linker(watloom.Store()))


@pytest.mark.parametrize("name", PROGRAMS)
def test_there_and_back(name, tmp_path):
    text, results, log = PROGRAMS[name]
    main = split(text, tmp_path)
    assert not any(
        isinstance(d, NestedModule) for d in watloom.Module.from_file(main).valid.module.definitions
    )
    assert linked(main) == (results, log)
    again = joined(main)
    assert linked(again) == (results, log)
    other = tmp_path / "other"
    other.mkdir()
    assert split(again, other).read_text() == main.read_text()
    assert {p.name: p.read_text() for p in other.glob("*.wat")} == {
        p.name: p.read_text() for p in tmp_path.glob("*.wat")
    }
    assert joined(other / "main.wat") == again


def test_comments_and_names_stay(tmp_path):
    (tmp_path / "child.wat").write_text(
        """;; What the child is for.
(module $CHILD
  (func $play (export "play") (result i32)
    (i32.const 5)))  ;; five
"""
    )
    parent = tmp_path / "parent.wat"
    parent.write_text(
        """(module $PARENT
  (import "child" (module $CHILD (export "play" (func (result i32)))))
  (instance $c (instantiate $CHILD))  ;; one child
  (export $c))
"""
    )
    assert joined(parent) == (
        """(module $PARENT
  ;; What the child is for.
  (module $CHILD
    (func $play (export "play") (result i32)
      (i32.const 5)))  ;; five
  (instance $c (instantiate $CHILD))  ;; one child
  (export $c))
"""
    )


def test_a_child_has_the_name_that_its_parent_gives_it(tmp_path):
    (tmp_path / "c.wat").write_text(
        """(module $OWN
          (type $I (instance (export "f" (func (result i32)))))
          (module $IN
            (import "i" (instance $i (type outer $OWN $I)))
            (export $i))
          (module $F (func (export "f") (result i32) (i32.const 4)))
          (instance $f (instantiate $F))
          (instance $in (instantiate $IN (import "i" (instance $f))))
          (export $in))"""
    )
    parent = tmp_path / "p.wat"
    parent.write_text(
        """(module
          (import "c" (module $CHILD (export "f" (func (result i32)))))
          (instance $c (instantiate $CHILD))
          (export "run" (func $c "f")))"""
    )
    made = joined(parent)
    assert "$OWN" not in made and "(type outer $CHILD $I)" in made
    assert linked(made) == ([4], [])


def test_a_binary_and_a_bare_text(tmp_path):
    from watloom.parser.encode import encode_module

    binary = encode_module(
        watloom.Module('(module (func (export "f") (result i32) (i32.const 3)))').valid.module
    )
    (tmp_path / "a.wasm").write_bytes(binary)
    (tmp_path / "b.wat").write_text('(func (export "f") (result i32) (i32.const 4))')
    parent = tmp_path / "p.wat"
    parent.write_text(
        """(import "a" (module $A (export "f" (func (result i32)))))
        (import "b" (module $B (export "f" (func (result i32)))))
        (instance $a (instantiate $A)) (instance $b (instantiate $B))
        (func (export "run") (result i32 i32) (call (func $a "f")) (call (func $b "f")))"""
    )
    assert linked(joined(parent)) == ([3, 4], [])


def test_exports_that_the_parent_did_not_know_of_stay_inside(tmp_path):
    (tmp_path / "c.wat").write_text('(func $f (export "f")) (export "g" (func $f))')
    parent = tmp_path / "p.wat"
    parent.write_text(
        """(module
  (import "c" (module $C (export "f" (func))))
  (instance $c (instantiate $C))
  (export $c))"""
    )
    assert list(watloom.Module(joined(parent)).exports) == ["f"]


def test_a_nested_module_that_is_exported(tmp_path):
    text = """(module
  (module $M (export "m") (func (export "f") (result i32) (i32.const 6)))
  (instance $i (instantiate $M))
  (export "run" (func $i "f")))
"""
    main = split(text, tmp_path)
    instance = watloom.instantiate(main)
    assert instance.exports.run() == 6
    assert watloom.instantiate(instance.exports.m).exports.f() == 6
    assert list(watloom.Module(joined(main)).exports) == ["m", "run"]
