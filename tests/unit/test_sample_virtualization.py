"""The link-time virtualization sample in four forms, and in another engine: one transcript."""

import io
from pathlib import Path

import pytest

import mvp_engine
import watloom
from watloom.cli import main
from watloom.interp.core.features import WASM3
from watloom.stdlib.wasi_file import WasiFile

pytestmark = pytest.mark.usefixtures("in_both_tiers")

HOME = Path(__file__).resolve().parents[2] / "samples" / "link_time_virtualization"
INPUT = b"*9=*9=*1="


def transcript(path, features=None):
    out = io.BytesIO()
    linker = watloom.Linker()
    linker.define("wasi_file", WasiFile(INPUT, out))
    module = watloom.Module.from_file(path, **({"features": features} if features else {}))
    linker.instantiate(module).exports._start()
    return out.getvalue().decode()


@pytest.fixture
def expected():
    shown = transcript(HOME / "parent.wat")
    assert shown.splitlines()[-1] == "Bytes read: 19"
    return shown


def test_it_compresses(expected):
    """The boat has 136 bytes; fewer arrive, and a decompressor gets them all back."""
    packed = expected.split("Bytes read")[0]
    plain = ""
    rest = iter(packed)
    for c in rest:
        plain += int(next(rest)) * next(rest) if c == "*" else c
    assert len(plain) == 136 and len(packed) < 80
    assert plain.endswith("~" * 32 + "\n")


def test_four_forms(expected, tmp_path):
    bundled, lowered = tmp_path / "bundled.wat", tmp_path / "lowered.wasm"
    assert main(["bundle", str(HOME / "parent.wat"), "-o", str(bundled)]) == 0
    assert bundled.read_text() == (HOME / "bundle.wat").read_text()
    assert main(["unbundle", str(bundled), "-d", str(tmp_path / "files")]) == 0
    assert main(["lower", str(HOME / "parent.wat"), "-o", str(lowered)]) == 0
    assert transcript(bundled) == expected
    assert transcript(tmp_path / "files" / "bundled.wat") == expected
    assert transcript(lowered, WASM3) == expected
    assert main(["lower", "--target", "mvp", str(HOME / "parent.wat"), "-o", str(lowered)]) == 0
    assert transcript(lowered, WASM3) == expected
    for name in ("child", "virtualize"):
        again = (tmp_path / "files" / f"{name}.wat").read_text()
        assert again == (HOME / f"{name}.wat").read_text()


@pytest.mark.parametrize("target", ["3.0", "mvp"])
def test_lowered_in_another_engine(expected, tmp_path, target):
    wasmtime = pytest.importorskip("wasmtime")
    lowered = tmp_path / "lowered.wasm"
    words = ["--target", target, str(HOME / "bundle.wat"), "-o", str(lowered)]
    assert main(["lower", *words]) == 0
    store = wasmtime.Store(mvp_engine.engine(proposals=target == "3.0"))
    linker = wasmtime.Linker(store.engine)
    left, out = bytearray(INPUT), bytearray()

    def read(caller, fd, to, length):
        data = bytes(left[:length])
        del left[:length]
        caller["memory"].write(caller, data, to)
        return len(data)

    def write(caller, fd, start, length):
        out.extend(caller["memory"].read(caller, start, start + length))
        return length

    i32 = wasmtime.ValType.i32()
    for name, fn in (("read", read), ("write", write)):
        linker.define_func(
            "wasi_file", name, wasmtime.FuncType([i32] * 3, [i32]), fn, access_caller=True
        )
    module = wasmtime.Module(store.engine, lowered.read_bytes())
    linker.instantiate(store, module).exports(store)["_start"](store)
    assert out.decode() == expected
