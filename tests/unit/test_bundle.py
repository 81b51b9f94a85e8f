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
from watloom.stdlib import library

pytestmark = pytest.mark.usefixtures("in_both_tiers")


def split(text, folder, name="main.wat"):
    """The files of a bundle, written into a folder; the path of the parent."""
    files = unbundle(Source(name, text=text), DEFAULT, name, library())
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


def test_comments_stay_comments(tmp_path):
    (tmp_path / "c.wat").write_text('(module (func (export "f") (result i32) (i32.const 5))) ;; 5')
    parent = tmp_path / "p.wat"
    parent.write_text(
        '(module (import "c" (module $C (export "f" (func (result i32)))))'
        ' (instance $c (instantiate $C)) (export "run" (func $c "f")))'
    )
    made = joined(parent)
    assert ";; 5\n" in made
    assert linked(made) == ([5], [])


ODD = {
    "comments that look like code": r"""(module
      (; (module $Q (export "a")) "quoted ;; not a line ;)
      (module $M (; (export "no") ;) (export "m") ;; (export "no")
        (func (export "f") (result i32) (i32.const 1)))
      (instance $i (instantiate $M)) (export "run" (func $i "f")))""",
    "names that need quotes": r"""(module
      (module $"a b" (export "m") (func (export "f") (result i32) (i32.const 2)))
      (instance $i (instantiate $"a b")) (export "run" (func $i "f")))""",
    "all in one line": """(module $P (module $A (func (export "f") (result i32) (i32.const 3)))
      (module $B (module $C (instance $x (instantiate (module outer $P $A))) (export $x))
      (instance $c (instantiate $C)) (export $c))
      (instance $b (instantiate $B)) (export "run" (func $b "f")))""".replace("\n      ", " "),
    "types that name one another": """(module $P
      (rec (type $a (struct (field (ref null $b)))) (type $b (struct (field (ref null $a)))))
      (module $M
        (func (export "f") (param (ref null (type outer $P $a))) (result i32) (i32.const 4)))
      (instance $i (instantiate $M))
      (func (export "run") (result i32) (call (func $i "f") (ref.null $a))))""",
    "a name of the library": """(module
      (module $SPECTEST (func (export "f") (result i32) (i32.const 5)))
      (module $Caller (func (export "f") (result i32) (i32.const 6)))
      (instance $i (instantiate $SPECTEST)) (instance $j (instantiate $Caller))
      (func (export "run") (result i32 i32) (call (func $i "f")) (call (func $j "f"))))""",
    "a name of another import": """(module
      (import "host" "log" (func $log (param i32)))
      (module $HOST (func (export "f") (result i32) (i32.const 7)))
      (instance $i (instantiate $HOST))
      (func (export "run") (result i32) (call $log (i32.const 8)) (call (func $i "f"))))""",
    "a file that is named as the parent": """(module
      (module $MAIN (func (export "f") (result i32) (i32.const 9)))
      (module $main (func (export "f") (result i32) (i32.const 10)))
      (instance $i (instantiate $MAIN)) (instance $j (instantiate $main))
      (func (export "run") (result i32 i32) (call (func $i "f")) (call (func $j "f"))))""",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_texts(name, tmp_path):
    text = ODD[name]
    results = linked(text)
    main = split(text, tmp_path)
    assert linked(main) == results
    again = joined(main)
    assert linked(again) == results
    assert split(again, tmp_path).read_text() == main.read_text()
    assert joined(main) == again


def test_an_instance_inside_another_exports_no_more_than_before(tmp_path):
    (tmp_path / "c.wat").write_text(
        '(module (module $J (func $f (export "f")) (export "g" (func $f)))'
        ' (instance $j (instantiate $J)) (export "j" (instance $j)))'
    )
    parent = tmp_path / "p.wat"
    parent.write_text(
        """(module
  (import "c" (module $C (export "j" (instance (export "f" (func))))))
  (instance $c (instantiate $C))
  (export (instance $c "j")))"""
    )
    made = joined(parent)
    assert list(watloom.Module(made).exports) == ["f"]
    assert '(export "f" (func $c "j" "f"))' in made
