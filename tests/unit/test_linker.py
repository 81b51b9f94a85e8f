"""Where imports come from, and how they are refused."""

from pathlib import Path

import pytest

import watloom
from watloom import InvalidError, Linker, LinkError, Store, Trap

pytestmark = pytest.mark.usefixtures("in_both_tiers")

ONE = '(module (func (export "one") (result i32) (i32.const {n})))'
USE = """(module (import "{name}" "one" (func $one (result i32)))
  (func (export "run") (result i32) (call $one)))"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.wat").write_text(text)
    return folder


def run(path: Path, **options: object) -> object:
    return watloom.instantiate(path, **options).exports.run()  # type: ignore[arg-type]


# ------------------------------------------------------------------ files


@pytest.mark.parametrize("name", ["lib", "lib.wat", "./lib", "./lib.wat", "lib.wasm", "deep/lib"])
def test_a_file_beside_the_importing_one(tmp_path: Path, name: str) -> None:
    from watloom.parser.encode import encode_module

    write(tmp_path, lib=ONE.format(n=1), main=USE.format(name=name))
    write(tmp_path / "deep", lib=ONE.format(n=1))
    binary = encode_module(watloom.Module(ONE.format(n=1)).valid.module)
    (tmp_path / "lib.wasm").write_bytes(binary)
    assert run(tmp_path / "main.wat") == 1


def test_paths_are_relative_to_the_importing_file(tmp_path: Path) -> None:
    write(tmp_path, main=USE.format(name="sub/middle"))
    middle = """(module (import "leaf" "one" (func $one (result i32)))
      (func (export "one") (result i32) (i32.add (i32.const 40) (call $one))))"""
    write(tmp_path / "sub", middle=middle, leaf=ONE.format(n=2))
    assert run(tmp_path / "main.wat") == 42


def test_search_folders_come_after_the_own_folder(tmp_path: Path) -> None:
    write(tmp_path / "a", main=USE.format(name="lib"))
    write(tmp_path / "b", lib=ONE.format(n=2))
    assert run(tmp_path / "a" / "main.wat", search=[tmp_path / "b"]) == 2
    write(tmp_path / "a", lib=ONE.format(n=1))
    assert run(tmp_path / "a" / "main.wat", search=[tmp_path / "b"]) == 1


def test_a_text_has_no_files_unless_search_says_so(tmp_path: Path) -> None:
    write(tmp_path, lib=ONE.format(n=3))
    with pytest.raises(LinkError, match="unknown import `lib`") as caught:
        watloom.instantiate(USE.format(name="lib"))
    assert "-L" in str(caught.value.help)
    found = watloom.instantiate(USE.format(name="lib"), search=[tmp_path])
    assert found.exports.run() == 3


@pytest.mark.parametrize("name", ["../secret", "sub/../../secret", "link", "linked/secret"])
def test_nothing_outside_of_the_folder_is_looked_at(tmp_path: Path, name: str) -> None:
    write(tmp_path, secret=ONE.format(n=9))
    inner = write(tmp_path / "inner" / "sub", x=ONE.format(n=0)).parent
    (inner / "link.wat").symlink_to(tmp_path / "secret.wat")
    (inner / "linked").symlink_to(tmp_path)
    write(inner, main=USE.format(name=name))
    with pytest.raises(LinkError, match=r"outside of the folders"):
        run(inner / "main.wat")


def test_an_absolute_path_is_outside_too(tmp_path: Path) -> None:
    write(tmp_path / "other", lib=ONE.format(n=9))
    absolute = (tmp_path / "other" / "lib.wat").as_posix()
    write(tmp_path / "here", main=USE.format(name=absolute))
    with pytest.raises(LinkError, match=r"outside of the folders"):
        run(tmp_path / "here" / "main.wat")


def test_a_cycle_is_printed_as_a_chain_of_files(tmp_path: Path) -> None:
    write(tmp_path, a=USE.format(name="b"), b=USE.format(name="c"), c=USE.format(name="b"))
    with pytest.raises(LinkError, match=r"import cycle: b\.wat → c\.wat → b\.wat"):
        run(tmp_path / "a.wat")


def test_a_file_is_instantiated_once(tmp_path: Path) -> None:
    counter = """(module (global $n (mut i32) (i32.const 0))
      (func (export "one") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))"""
    main = """(module (import "x" "one" (func $x (result i32)))
      (import "y" "one" (func $y (result i32)))
      (func (export "run") (result i32) (drop (call $x)) (call $y)))"""
    through = """(module (import "counter" "one" (func $one (result i32)))
      (export "one" (func $one)))"""
    write(tmp_path, counter=counter, x=through, y=through, main=main)
    assert run(tmp_path / "main.wat") == 2


# ------------------------------------------------------------------ modules


def test_a_module_import_is_a_file_that_is_instantiated_as_often_as_wanted(tmp_path: Path) -> None:
    lib = """(module (import "step" (global $step i32)) (global $n (mut i32) (i32.const 0))
      (func (export "next") (result i32)
        (global.set $n (i32.add (global.get $n) (global.get $step))) (global.get $n)))"""
    main = """(module
      (import "lib" (module $LIB (import "step" (global i32)) (export "next" (func (result i32)))))
      (import "one" (global $one i32)) (import "ten" (global $ten i32))
      (instance $a (instantiate $LIB (import "step" (global $one))))
      (instance $b (instantiate $LIB (import "step" (global $ten))))
      (func (export "run") (result i32)
        (drop (call (func $a "next"))) (drop (call (func $b "next")))
        (i32.add (call (func $a "next")) (call (func $b "next")))))"""
    write(tmp_path, lib=lib, main=main)
    instance = watloom.instantiate(tmp_path / "main.wat", {"one": 1, "ten": 10})
    assert instance.exports.run() == 22


def test_a_module_that_does_not_fit_is_refused_with_both_types(tmp_path: Path) -> None:
    write(
        tmp_path,
        lib='(module (func (export "f") (param i64)))',
        main='(module (import "lib" (module $L (export "f" (func (param i32))))))',
    )
    with pytest.raises(LinkError) as caught:
        watloom.instantiate(tmp_path / "main.wat")
    lines = caught.value.render().splitlines()
    assert "main.wat:1:9: error: incompatible import type for `lib`: export `f`" in lines[0]
    assert lines[1:4] == [
        "  wanted (func (param i32))",
        "  given  (func (param i64))",
        "                      ^^^",
    ]


def test_differing_rec_groups_do_not_link() -> None:
    fd = """(rec (type $read (func (param i32) (result i32)))
                 (type $fd (struct (field (ref $read)){more})))"""
    provider = watloom.instantiate(
        f'(module {fd.format(more="")} (func (export "open") (result (ref null $fd)) '
        "(ref.null $fd)))"
    )
    consumer = '(module {fd} (import "fd" "open" (func (result (ref null $fd)))))'
    watloom.instantiate(consumer.format(fd=fd.format(more="")), {"fd": provider})
    other = consumer.format(fd=fd.format(more=" (field i32)"))
    with pytest.raises(LinkError) as caught:
        watloom.instantiate(other, {"fd": provider})
    assert "(field i32)" in str(caught.value) and str(caught.value).count("struct") == 2


# ------------------------------------------------------------------ names


def test_the_order_of_the_places(tmp_path: Path) -> None:
    write(tmp_path, lib=ONE.format(n=4), main=USE.format(name="lib"))
    linker = Linker(search=[tmp_path])
    module = watloom.Module.from_file(tmp_path / "main.wat")
    assert linker.instantiate(module).exports.run() == 4
    linker.define("lib", "one", lambda: 5)
    assert linker.instantiate(module).exports.run() == 5
    assert linker.instantiate(module, {"lib": {"one": lambda: 6}}).exports.run() == 6


def test_plain_python_values() -> None:
    text = """(module (import "e" "n" (global $n i32)) (import "e" "f" (func $f (result i32)))
      (func (export "run") (result i32) (i32.add (global.get $n) (call $f))))"""
    assert watloom.instantiate(text, {"e": {"n": 40, "f": lambda: 2}}).exports.run() == 42


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("(func)", None, "unknown import `e` `x`: `e` has nothing"),
        ("(func)", 5, "a Python int"),
        ("(memory 1)", b"bytes", "a Python bytes"),
        ("(global (mut i32))", 5, "a Python int"),
        ("(global i32)", "5", "a Python str"),
    ],
)
def test_values_that_cannot_be_imported(field: str, value: object, message: str) -> None:
    given = {} if value is None else {"x": value}
    with pytest.raises(LinkError, match=message):
        watloom.instantiate(f'(module (import "e" "x" {field}))', {"e": given})


def test_nested_instances_are_made_before_their_parent_and_fresh_each_time() -> None:
    order: list[int] = []
    instance = watloom.instantiate(
        """(module $P
          (import "host" "note" (func $note (param i32)))
          (module $C (import "note" (func $note (param i32)))
            (func $start (call $note (i32.const 1))) (start $start))
          (instance (instantiate $C (import "note" (func $note))))
          (instance (instantiate $C (import "note" (func $note))))
          (func $start (call $note (i32.const 2))) (start $start))""",
        {"host": {"note": order.append}},
    )
    assert order == [1, 1, 2]
    assert instance.exports == {}


def test_duplicate_imports_need_a_proposal_to_be_refused() -> None:
    text = '(module (import "e" "f" (func)) (import "e" "f" (func)))'
    watloom.instantiate(text, {"e": {"f": lambda: None}})
    strict = watloom.Features(frozenset({"module-linking", "unique-imports"}))
    with pytest.raises(InvalidError, match=r"duplicate import name 'e\.f'"):
        watloom.Module(text, features=strict)


def test_a_trap_in_a_start_function_leaves_what_was_written() -> None:
    store = Store()
    memory = watloom.instantiate('(module (memory (export "m") 1))', store=store)
    with pytest.raises(Trap, match="out of bounds memory access"):
        watloom.instantiate(
            """(module (import "a" "m" (memory 1))
              (data (i32.const 0) "kept") (data (i32.const 65535) "too long"))""",
            {"a": memory},
        )
    assert memory.exports.m[0:4] == b"kept"


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, main=USE.format(name="lib"), lib="(module)")
    module = watloom.Module.from_file(tmp_path / "main.wat")

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(LinkError, match=r"lib.wat cannot be read: Permission denied"):
        watloom.instantiate(module)
