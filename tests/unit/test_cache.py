"""The cache of compiled modules: what hits and misses, what is refused; and nobody notices it."""

import marshal
import os
import re
import stat
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

import pytest

import watloom
from commandline import CommandLine
from commandline import cli as cli
from watloom.interp.cache import cache as cache_module
from watloom.interp.compile import emit
from watloom.interp.core import cache_folder
from watloom.interp.core.cache_folder import CacheFolder, default_path
from watloom.interp.core.features import DEFAULT, WASM3, Features
from watloom.interp.core.source import Source
from watloom.interp.machine.snapshot import restore, snapshot
from watloom.interp.runtime.store import Limits, Store

SAMPLES = Path(__file__).parents[2] / "samples"

FACTORIAL = """(module
  (func $fac (export "fac") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.mul (local.get 0) (call $fac (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 1))))
  (func (export "div") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1))))"""

posix = pytest.mark.skipif(os.name != "posix", reason="files have no owner")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of its own, for the command line too."""
    watloom.Module("(module)")  # the parser's tables are at hand then
    monkeypatch.setenv("WATLOOM_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.module"))


def run(text: str = FACTORIAL, features: Features = DEFAULT, limits: Limits | None = None) -> int:
    """Call fac(5) with a cache; gives how many functions were compiled for it."""
    compiled = []
    original = emit.compile_function
    with pytest.MonkeyPatch.context() as patch, watloom.Cache() as cache:
        patch.setattr(
            emit, "compile_function", lambda *args: compiled.append(args) or original(*args)
        )
        store = Store(features, "fast", limits)
        module = watloom.Module(text, features=features, cache=cache)
        assert watloom.instantiate(module, store=store).exports.fac(5) == 120
    return len(compiled)


# ------------------------------------------------------------------ hits and misses


def test_what_was_compiled_is_not_again(folder: Path) -> None:
    assert [run(), run()] == [1, 0]
    assert len(entries(folder)) == 1


def test_functions_that_are_called_later_are_added(folder: Path) -> None:
    run()
    with watloom.Cache() as cache:
        module = watloom.Module(FACTORIAL, cache=cache)
        store = Store(tier="fast")
        assert watloom.instantiate(module, store=store).exports.div(7, 2) == 3
    found = marshal.loads(marshal.loads(CacheFolder(str(folder)).read(entries(folder)[0].name))[1])
    assert found.keys() == {((), 0, False, False), ((), 1, False, False)}


@pytest.mark.parametrize(
    "text", [FACTORIAL + " ", FACTORIAL.replace("1", "1 ", 1), f";; comment\n{FACTORIAL}"]
)
def test_another_content_is_another_module(folder: Path, text: str) -> None:
    assert [run(), run(text)] == [1, 1]


@pytest.mark.parametrize(
    "features", [WASM3, DEFAULT.with_(["+threads"]), DEFAULT.with_(dialect="legacy")]
)
def test_other_features_and_dialects_are_another_module(folder: Path, features: Features) -> None:
    assert [run(), run(features=features), run()] == [1, 1, 0]


def test_limits_make_other_functions(folder: Path) -> None:
    limits = [Limits(fuel=1000), Limits(seconds=9.0), Limits(fuel=9999), Limits(depth=100)]
    assert [run(), *(run(limits=some) for some in limits)] == [1, 1, 1, 0, 0]
    assert len(entries(folder)) == 1


def test_another_version_is_another_module(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    with monkeypatch.context() as patch:
        patch.setattr(watloom, "__version__", "99")
        patch.setattr(cache_module, "_known_engine", [])
        assert run() == 1
    monkeypatch.setattr(sys, "version", "99")
    assert run() == 1
    assert len(entries(folder)) == 3


def test_another_python_option_is_another_module(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    monkeypatch.setenv("PYTHONNODEBUGRANGES", "1")
    assert run() == 1


def test_changed_sources_of_the_engine_make_another_module(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    before = cache_module._changes(str(tmp_path))
    (tmp_path / "a.py").write_text("22")
    assert cache_module._changes(str(tmp_path)) != before


def test_binary_and_text_are_two_modules(folder: Path) -> None:
    from watloom.parser.encode import encode_module

    binary = encode_module(watloom.Module(FACTORIAL).valid.module)
    for _ in range(2):
        with watloom.Cache() as cache:
            for given in (FACTORIAL, binary):
                module = watloom.Module(given, cache=cache)
                watloom.instantiate(module, store=Store(tier="fast")).exports.fac(3)
    assert len(entries(folder)) == 2


def test_where_a_file_lies_does_not_count(folder: Path, tmp_path: Path) -> None:
    said = []
    for name in ("a.wat", "b.wat"):
        (tmp_path / name).write_text(FACTORIAL)
        with watloom.Cache() as cache, pytest.raises(watloom.Trap) as caught:
            module = watloom.Module.from_file(tmp_path / name, cache=cache)
            watloom.instantiate(module, store=Store(tier="fast")).exports.div(1, 0)
        said.append(caught.value.render().replace(str(tmp_path), ""))
    assert said[0].startswith("/a.wat:7:6: trap: integer divide by zero\n")
    assert said[1] == said[0].replace("a.wat", "b.wat")
    assert len(entries(folder)) == 1


def test_an_imported_file_has_an_entry_of_its_own(folder: Path, tmp_path: Path) -> None:
    main_file, library = tmp_path / "main.wat", tmp_path / "lib.wat"
    main_file.write_text(
        '(module (import "lib" "f" (func $f (result i32)))'
        ' (func (export "run") (result i32) (call $f)))'
    )
    answers = []
    for number in (1, 2, 2):
        library.write_text(f'(module (func (export "f") (result i32) (i32.const {number})))')
        with watloom.Cache() as cache:
            linker = watloom.Linker(Store(tier="fast"), cache=cache)
            answers.append(linker.instantiate(main_file).exports.run())
    assert answers == [1, 2, 2]
    assert len(entries(folder)) == 3


def test_in_python_nothing_is_kept_unless_it_is_asked_for(folder: Path) -> None:
    watloom.instantiate(FACTORIAL, store=Store(tier="fast")).exports.fac(3)
    assert not entries(folder)


# ------------------------------------------------------------------ what is on disk may be anything


def damaged(data: bytes) -> list[bytes]:
    """A file with damage in each of its regions, cut short, empty, too long."""
    places = [0, 7, 8, 39, 40, 41, len(data) // 2, len(data) - 1]
    flipped = [data[:i] + bytes([data[i] ^ 1]) + data[i + 1 :] for i in places]
    return [*flipped, b"", data[:8], data[:40], data[:-1], data + b"\0", b"\0" * 100]


def test_damage_anywhere_is_a_miss(folder: Path) -> None:
    run()
    (entry,) = entries(folder)
    whole = entry.read_bytes()
    for data in damaged(whole):
        entry.write_bytes(data)
        assert [run(), run()] == [1, 0]


@pytest.mark.parametrize("data", [b"", b"junk", marshal.dumps(3), marshal.dumps((b"", b""))])
def test_data_of_another_form_is_a_miss(folder: Path, data: bytes) -> None:
    run()
    (entry,) = entries(folder)
    assert CacheFolder(str(folder)).write(entry.name, data)
    assert [run(), run()] == [1, 0]


def test_nothing_is_unmarshalled_before_its_digest_is_right(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    (entry,) = entries(folder)
    entry.write_bytes(entry.read_bytes()[:-1] + b"?")
    with watloom.Cache() as cache:
        monkeypatch.setattr(marshal, "loads", lambda data: pytest.fail("unmarshalled"))
        assert cache.find(Source("a", FACTORIAL), DEFAULT) is None


@posix
def test_files_and_folder_are_the_users_alone(folder: Path) -> None:
    previous = os.umask(0)
    try:
        run()
    finally:
        os.umask(previous)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(entry.stat().st_mode) for entry in entries(folder)] == [0o600]


@posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o720, 0o702])
def test_a_folder_that_others_may_write_to_is_not_used(folder: Path, mode: int) -> None:
    run()
    (entry,) = entries(folder)
    before = entry.stat().st_mtime_ns
    folder.chmod(mode)
    assert [run(), run()] == [1, 1]
    assert entry.stat().st_mtime_ns == before
    folder.chmod(0o700)
    assert run() == 0
    entry.chmod(0o620)
    assert run() == 1


@posix
def test_a_folder_or_file_of_another_user_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert [run(), run()] == [1, 1]


@posix
def test_no_link_is_followed(folder: Path, tmp_path: Path) -> None:
    run()
    (entry,) = entries(folder)
    elsewhere = tmp_path / "elsewhere"
    entry.rename(elsewhere)
    entry.symlink_to(elsewhere)
    kept = elsewhere.read_bytes()
    assert [run(), run()] == [1, 0]  # the link itself was replaced
    assert elsewhere.read_bytes() == kept and not entry.is_symlink()
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    assert [run(), run()] == [1, 1]


@posix
def test_a_pipe_or_folder_in_the_place_of_a_file_is_a_miss(folder: Path) -> None:
    run()
    (entry,) = entries(folder)
    entry.unlink()
    os.mkfifo(entry)
    assert [run(), run()] == [1, 0]
    entry.unlink()
    entry.mkdir()
    assert [run(), run()] == [1, 1]


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_where_no_folder_can_be_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WATLOOM_CACHE_DIR", str(tmp_path / place))
    assert [run(), run()] == [1, 1]


def test_a_full_disk_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache_folder._Folder, "replace", full)
    assert [run(), run()] == [1, 1]
    assert list(folder.iterdir()) == []


def test_the_oldest_make_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_folder, "MAX_SIZE", 1000)
    kept = CacheFolder(str(folder))
    names = [f"{i:064x}.module" for i in range(6)]
    for i, name in enumerate(names):
        assert kept.write(name, bytes(300))
        if i < 5:
            os.utime(folder / name, (i, i))
    assert sorted(kept.sizes()) == names[-2:]
    unfinished = folder / f".{names[0]}.{'0' * 16}"
    unfinished.write_bytes(b"")
    os.utime(unfinished, (0, 0))
    kept.write(names[0], b"x")
    assert not unfinished.exists()


def test_what_is_used_does_not_grow_old(folder: Path) -> None:
    run()
    (entry,) = entries(folder)
    os.utime(entry, (9, 9))
    assert run() == 0
    assert entry.stat().st_mtime > time.time() - 1000


def test_a_file_that_is_too_large_is_not_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_folder, "MAX_ENTRY", 50)
    assert [run(), run()] == [1, 1]


def test_many_writers_at_once(folder: Path) -> None:
    """Each process compiles a function of its own; in the end each file is whole."""
    funcs = "".join(f'(func (export "f{i}") (result i32) (i32.const {i}))' for i in range(6))
    program = (
        "import sys, watloom\n"
        "for _ in range(10):\n"
        "    with watloom.Cache() as cache:\n"
        f"        module = watloom.Module('(module {funcs})', cache=cache)\n"
        "        store = watloom.Store(tier='fast')\n"
        "        instance = watloom.instantiate(module, store=store)\n"
        "        assert instance.exports[f'f{sys.argv[1]}']() == int(sys.argv[1])\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, str(i)]) for i in range(6)]
    assert [process.wait() for process in started] == [0] * 6
    (entry,) = entries(folder)
    assert CacheFolder(str(folder)).read(entry.name) is not None
    assert all(path.name[0] != "." for path in folder.iterdir())


def test_one_cache_in_many_threads(folder: Path) -> None:
    failed = []

    def work() -> None:
        try:
            with watloom.Cache() as cache:
                store = Store(tier="fast")
                module = watloom.Module(FACTORIAL, cache=cache)
                assert watloom.instantiate(module, store=store).exports.fac(5) == 120
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


# ------------------------------------------------------------------ where it is


@pytest.mark.parametrize(
    "platform, environment, wanted",
    [
        ("linux", {"HOME": "/h"}, "/h/.cache/watloom"),
        ("linux", {"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/watloom"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, None),
        ("darwin", {"HOME": "/h"}, "/h/Library/Caches/watloom"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/watloom"),
        ("win32", {}, None),
        ("linux", {"WATLOOM_CACHE_DIR": "/own", "XDG_CACHE_HOME": "/x"}, "/own"),
    ],
)
@posix
def test_where_it_is(
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    environment: dict[str, str],
    wanted: str | None,
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("WATLOOM_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_path() == wanted


def test_without_holding_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the system cannot open files relative to a folder."""
    monkeypatch.setattr(cache_folder, "_HELD", False)
    assert [run(), run()] == [1, 0]
    assert CacheFolder(str(folder)).clear() == 1


# ------------------------------------------------------------------ on the command line


def test_no_cache(folder: Path, tmp_path: Path, cli: CommandLine) -> None:
    file = tmp_path / "fac.wat"
    file.write_text(FACTORIAL)
    assert cli("run", "--no-cache", "--invoke", "fac", file, 5).out == "120\n"
    assert not entries(folder)
    assert cli("run", "--tier", "reference", "--invoke", "fac", file, 5).out == "120\n"
    assert not entries(folder)
    assert cli("run", "--invoke", "fac", file, 5).out == "120\n"
    assert len(entries(folder)) == 1
    entries(folder)[0].write_bytes(b"")
    assert cli("run", "--no-cache", "--invoke", "fac", file, 5).out == "120\n"
    assert entries(folder)[0].read_bytes() == b""


def test_cache_clear(folder: Path, cli: CommandLine) -> None:
    assert cli("cache", "clear").out == f"removed 0 files from {folder}\n"
    run()
    (folder / "mine.txt").write_text("not the cache's")
    (size,) = CacheFolder(str(folder)).sizes().values()
    assert cli("cache").out == f"{folder}: 1 file, {size} bytes\n"
    assert cli("cache", "clear").out == f"removed 1 file from {folder}\n"
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


@posix
def test_a_folder_of_others_is_not_cleared(folder: Path, cli: CommandLine) -> None:
    run()
    folder.chmod(0o777)
    done = cli("cache", "clear")
    assert (done.status, done.out) == (1, "")
    assert done.err == f"error: {folder}: the cache is not used: others may write to it\n"
    assert len(entries(folder)) == 1


# ------------------------------------------------------------------ nobody notices it


@pytest.mark.parametrize(
    "program", sorted(SAMPLES.rglob("*.wat")), ids=lambda path: path.relative_to(SAMPLES).as_posix()
)
def test_samples_do_the_same_cold_and_warm(
    folder: Path, tmp_path: Path, cli: CommandLine, program: Path
) -> None:
    letters = tmp_path / "letters"
    letters.mkdir()
    said = []
    for option in (["--no-cache"], [], [], ["--fuel", "1000000"], ["--fuel", "1000000"]):
        said.append(cli("run", *option, "--dir", letters, program))
        for path in letters.iterdir():
            path.unlink()
    assert said[1] == said[2] == said[0]
    assert said[4] == said[3]


BROKEN = """(module
  (memory 1) (data (i32.const 0) "abc") (table 2 funcref) (elem (i32.const 0) $odd)
  (global $g (mut i32) (i32.const 3)) (tag $t (param i32))
  (func $odd (export "odd") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "run") (param i32) (result i32)
    (call_indirect (param i32) (result i32) (local.get 0) (local.get 0)))
  (func (export "deep") (param i32) (result i32) (i32.add (call 2 (local.get 0)) (i32.const 1)))
  (func (export "throw") (throw $t (i32.const 7)))
  (func (export "load") (param i32) (result f64) (f64.load (local.get 0)))
  (func (export "tail") (param i32) (result i32) (return_call $odd (local.get 0))))"""


@pytest.mark.parametrize(
    "words",
    [
        "odd 0", "odd 4", "run 0", "run 1", "run 2", "deep 5", "throw", "load 0", "load 65530",
        "tail 0", "tail", "nothing", "odd x", "--fuel 10 deep 5", "--timeout 5 odd 1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["text", "binary"])
def test_traps_and_mistakes_are_the_same_cold_and_warm(
    folder: Path, tmp_path: Path, cli: CommandLine, words: str, form: str
) -> None:
    file = tmp_path / "broken.wat"
    file.write_text(BROKEN)
    if form == "binary":
        cli("parse", file, "-o", tmp_path / "broken.wasm")
        file = tmp_path / "broken.wasm"
    *options, name, value = words.split() if words[-1].isdigit() else [*words.split(), ""]
    command = ["run", *options, "--invoke", name, file, *([value] if value else [])]
    if words == "odd x":
        command = ["run", "--invoke", "odd", file, "x"]
    plain = cli("run", "--no-cache", *command[1:])
    assert [cli(*command), cli(*command), cli(*command)] == [plain] * 3


def test_warnings_are_told_again(folder: Path, tmp_path: Path, cli: CommandLine) -> None:
    file = tmp_path / "old.wat"
    file.write_text('(module (func (export "f") (local i32) (set_local 0 (i32.const 1))))')
    command = ["run", "--dialect", "legacy", "--invoke", "f", file]
    first, second = cli(*command), cli(*command)
    assert "old.wat:1:" in first.err and "warning: " in first.err
    assert second == first


LINKED = """(module
  (module $inner (func (export "f") (result i32) (i32.const 7)))
  (type $s (sub (struct (field (mut i32))))) (type $t (sub $s (struct (field (mut i32) i64))))
  (rec (type $a (struct (field (ref null $b)))) (type $b (struct (field (ref null $a)))))
  (instance $i (instantiate $inner))
  (tag $tag (param i32)) (memory 1) (data $d "xyz")
  (global $g (ref $s) (struct.new $s (i32.const 5)))
  (table $table 2 2 (ref null $s)) (elem (i32.const 0) (ref null $s) (global.get $g))
  (elem $e (ref null $s) (item (global.get $g)) (item (struct.new $t (i32.const 1) (i64.const 2))))
  (func (export "sum") (result i32)
    (i32.add (call (func $i "f")) (struct.get $s 0 (table.get $table (i32.const 0)))))
  (func (export "test") (param $n i32) (result i32)
    (table.init $table $e (i32.const 0) (i32.const 0) (i32.const 2))
    (ref.test (ref $t) (table.get $table (local.get $n))))
  (func (export "lanes") (result i32)
    (i32x4.extract_lane 1 (i32x4.mul (v128.const i32x4 1 2 3 4) (v128.const i32x4 5 6 7 8))))
  (func (export "atomic") (result i32)
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 5))) (i32.atomic.load (i32.const 0))))"""


def test_all_kinds_of_things_come_back(folder: Path) -> None:
    features = DEFAULT.with_(["+threads"])
    answers = []
    for _ in range(3):
        with watloom.Cache() as cache:
            module = watloom.Module(LINKED, features=features, cache=cache)
            to = watloom.instantiate(module, store=Store(features, "fast")).exports
            answers.append((to.sum(), to.test(0), to.test(1), to.lanes(), to.atomic()))
    assert answers == [(12, 0, 1, 12, 5)] * 3


def test_what_was_not_kept_is_read_again(folder: Path) -> None:
    for _ in range(2):
        with watloom.Cache() as cache:
            module = watloom.Module(FACTORIAL, cache=cache)
            instance = watloom.instantiate(module)
            instance.exports.fac(1)
    fresh = watloom.Module(FACTORIAL).valid
    kept = module.valid
    assert type(kept) is not type(fresh)
    assert kept.funcs[0].locals == fresh.funcs[0].locals
    assert str(kept.module.funcs[0].body) == str(fresh.module.funcs[0].body)
    assert kept.func_types == fresh.func_types
    assert not hasattr(kept, "nothing of the kind")
    machine = instance.start("fac", 4)
    for _ in range(7):
        machine.step()
    later = restore(snapshot(machine))
    later.run()
    assert later.results == (24,)


def test_tracebacks_show_the_source_of_kept_functions(folder: Path) -> None:
    for _ in range(2):
        with watloom.Cache() as cache, pytest.raises(watloom.Trap) as caught:
            module = watloom.Module(FACTORIAL, cache=cache)
            watloom.instantiate(module, store=Store(tier="fast")).exports.div(1, 0)
        shown = "".join(traceback.format_exception(caught.value))
        assert re.search(r'File "<watloom \d+: .*", line 2, in f1\n +return ', shown)


LIGHT = ["lark", "numpy", "click", "rich", "dataclasses", "inspect", "hashlib", "json"]
ENGINE = ["parser.text", "validate.module", "isa", "compile.emit"]


def test_a_warm_run_imports_little(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "fac.wat"
    file.write_text(FACTORIAL)
    program = "import sys; from watloom.cli import main; main(); [print(m) for m in [*sys.modules]]"
    command = [sys.executable, "-c", program, "run", "--invoke", "fac", str(file), "5"]
    cold, warm = (
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        for _ in range(2)
    )
    assert cold[0] == warm[0] == "120"
    engine = {f"watloom.{'' if name.startswith('parser') else 'interp.'}{name}" for name in ENGINE}
    assert engine <= set(cold)
    assert not (engine | set(LIGHT)) & set(warm)
