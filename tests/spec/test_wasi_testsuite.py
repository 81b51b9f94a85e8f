"""The official WASI test suite: the programs for preview 1, each in a fresh copy of its folder.

Beside `NAME.wasm` a `NAME.json` may say args, env, root (what is mounted as /), and what is to be
expected: exit_code, stdout, stderr.
https://github.com/WebAssembly/wasi-testsuite/blob/main/doc/specification.md
"""

import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import conformance as data
import watloom
from watloom.interp.runtime.store import Tier
from watloom.stdlib import confine
from watloom.stdlib.wasi import Wasi

#: What one program may take; each takes a few hundredths of it.
SECONDS = 60.0

_HOW = (
    "no WASI test suite: `make conformance` fetches it, "
    "or name a folder that has it in WATLOOM_WASI_TESTSUITE"
)
_NAMED = os.environ.get("WATLOOM_WASI_TESTSUITE")
_SUITE = Path(_NAMED) if _NAMED else data.find("wasi-testsuite")
_PROGRAMS = sorted(_SUITE.glob("tests/*/testsuite/wasm32-wasip1/*.wasm")) if _SUITE else []

if _NAMED and not _PROGRAMS:
    raise FileNotFoundError(f"WATLOOM_WASI_TESTSUITE={_NAMED} has no programs for preview 1")
pytestmark = [
    pytest.mark.skipif(not _PROGRAMS, reason=_HOW),
    pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused"),
]


def test_all_are_there() -> None:
    assert len(_PROGRAMS) == 72


@pytest.mark.parametrize("tier", ["reference", "fast"])
@pytest.mark.parametrize("path", _PROGRAMS, ids=[f"{p.parts[-4]}/{p.stem}" for p in _PROGRAMS])
def test_program(path: Path, tier: Tier, tmp_path: Path) -> None:
    specified = path.with_suffix(".json")
    wanted: dict[str, Any] = json.loads(specified.read_text()) if specified.exists() else {}
    mounts = {}
    if "root" in wanted:
        shutil.copytree(path.parent / wanted["root"], tmp_path / "root", symlinks=True)
        mounts["/"] = tmp_path / "root"
    out, err = io.BytesIO(), io.BytesIO()
    args = [path.name, *wanted.get("args", [])]
    linker = watloom.Linker(watloom.Store(tier=tier, limits=watloom.Limits(seconds=SECONDS)))
    linker.add(Wasi(args, wanted.get("env"), mounts, stdout=out, stderr=err))
    code = 0
    with linker.instantiate(path) as program:
        try:
            program.exports._start()
        except watloom.WasiExit as end:
            code = end.code
        except watloom.Trap as trap:  # a Rust program that panics: it has said why
            pytest.fail(f"{trap}\n{err.getvalue().decode()}")
    assert code == wanted.get("exit_code", 0), err.getvalue().decode()
    for name, stream in ("stdout", out), ("stderr", err):
        if name in wanted:
            assert stream.getvalue().decode() == wanted[name]
