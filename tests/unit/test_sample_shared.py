"""The shared-everything sample: shared code, isolated memories; versions and circles."""

from pathlib import Path

import pytest

import watloom
from watloom.interp.core.features import WASM3
from watloom.interp.core.source import Source
from watloom.interp.link.bundle import bundle
from watloom.interp.link.linker import Linker
from watloom.interp.link.load import read_source
from watloom.interp.link.lower import lower
from watloom.parser.encode import encode_module

HOME = Path(__file__).resolve().parents[2] / "samples" / "shared_everything"


@pytest.fixture(params=["fast", "reference"])
def store(request):
    return watloom.Store(tier=request.param)


def test_the_programs(store):
    app = watloom.instantiate(HOME / "app.wat", store=store).exports
    assert app.zipper() == (194, 113, 1, 0)
    assert app.imgmgk() == (1024, 27, 0)


def test_code_is_shared_and_state_is_not():
    app = watloom.instantiate(HOME / "app.wat")
    app.exports.zipper()
    app.exports.zipper()
    app.exports.imgmgk()
    assert (app.exports.zipper_calls(), app.exports.imgmgk_calls()) == (2, 1)
    zipper, imgmgk = app.instances[:2]
    libc = [inner for inner in (*zipper.instances, *imgmgk.instances) if inner.name == "LIBC"]
    assert len(libc) == 2
    assert libc[0].valid is libc[1].valid
    assert libc[0].memories[0] is not libc[1].memories[0]


def test_who_is_given_what():
    graph = watloom.instantiate(HOME / "app.wat").graph
    assert graph.targets("imgmgk.libimg") == {"libc": "imgmgk.libc", "libzip": "imgmgk.libzip"}
    assert graph.targets("imgmgk.libzip") == {"libc": "imgmgk.libc"}
    assert graph.targets("zipper.libzip") == {"libc": "zipper.libc"}
    assert not graph.reaches("zipper.libzip", "imgmgk.libc")


@pytest.mark.parametrize("size", [0, 1, 3, 127, 128, 129, 1000, 70_000])
def test_zip_and_unzip(size):
    """Whatever the bytes and however many, they come back; what repeats gets short."""
    linker = watloom.Linker(search=[HOME])
    libc = linker.instantiate(watloom.Module.from_file(HOME / "libc.wat")).exports
    linker.define("libc", libc)
    zip_ = linker.instantiate(watloom.Module.from_file(HOME / "libzip.wat")).exports
    data = bytes((i * i >> 3) & 0xFF for i in range(size)) if size < 70_000 else b"ab" * 35_000
    at = libc.malloc(size)
    libc.memory[at : at + size] = data
    zipped = zip_.zip(at, size, 0)
    count = int.from_bytes(libc.memory[0:4], "little")
    plain = zip_.unzip(zipped, count, 4)
    assert int.from_bytes(libc.memory[4:8], "little") == size
    assert libc.memory[plain : plain + size] == data
    assert count <= size + size // 128 + 1
    if size == 70_000:
        assert count < 2_000
    for block in (at, zipped, plain):
        libc.free(block)
    assert libc.blocks() == 0


def test_free_blocks_are_taken_again():
    libc = watloom.instantiate(HOME / "libc.wat").exports
    a, b = libc.malloc(100), libc.malloc(50)
    libc.free(a)
    assert libc.malloc(200) > b
    assert libc.malloc(90) == a
    assert libc.malloc(200_000) % 8 == 0
    assert libc.memory.size == 5


def test_a_minor_version(store):
    assert watloom.instantiate(HOME / "versions" / "program.wat", store=store).exports.run() == 42


def test_a_major_version(tmp_path):
    """A libc whose malloc has changed is refused, with both types."""
    for path in (HOME / "versions").glob("*.wat"):
        (tmp_path / path.name).write_text(path.read_text())
    libc = tmp_path / "libc-1.1.0.wat"
    libc.write_text(libc.read_text().replace("(param $size i32)", "(param $size i64)"))
    with pytest.raises(watloom.WatloomError):
        watloom.instantiate(tmp_path / "program.wat")


def test_a_circle(store):
    assert watloom.instantiate(HOME / "cycle" / "b.wat", store=store).exports.run(100) == 5050


@pytest.mark.parametrize(
    ("file", "name", "args", "results"),
    [
        ("app.wat", "zipper", (), [194, 113, 1, 0]),
        ("app.wat", "imgmgk", (), [1024, 27, 0]),
        ("versions/program.wat", "run", (), [42]),
        ("cycle/b.wat", "run", (100,), [5050]),
    ],
)
def test_bundled_and_lowered(file, name, args, results):
    def run(module):
        found = watloom.instantiate(module).exports[name](*args)
        return list(found) if isinstance(found, tuple) else [found]

    text = bundle(read_source(HOME / file), Linker())
    assert run(text) == results
    assert bundle(Source("again", text=text), Linker()) == text
    data = encode_module(lower(watloom.Module(text)))
    assert run(watloom.Module(data, features=WASM3)) == results
    wasmtime = pytest.importorskip("wasmtime")
    store = wasmtime.Store()
    made = wasmtime.Instance(store, wasmtime.Module(store.engine, data), [])
    found = made.exports(store)[name](store, *args)
    assert (found if isinstance(found, list) else [found]) == results
