"""Every module of the samples: text → binary → text is a module of the same type, printed alike."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import watloom
from docblocks import run_document
from linked_programs import PROGRAMS, linked
from watloom.cli.parse import instance_exports
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module

HOME = Path(__file__).resolve().parents[2] / "samples"
FILES = sorted(HOME.rglob("*.wat"))


@pytest.mark.parametrize("path", FILES, ids=[p.relative_to(HOME).as_posix() for p in FILES])
def test_round_trip(path):
    module = watloom.Module.from_file(path)
    data = encode_module(module.valid.module, instance_exports(module.valid))
    binary = watloom.Module(data)
    text = print_module(binary.valid.module)
    again = watloom.Module(text)
    assert str(module.type) == str(binary.type) == str(again.type)
    assert print_module(again.valid.module) == text
    assert len(encode_module(again.valid.module)) == len(data)


def rewritten(path):
    """The text that a file's binary is disassembled to."""
    module = watloom.Module.from_file(path).valid
    data = encode_module(module.module, instance_exports(module))
    return print_module(watloom.Module(data).valid.module)


@pytest.fixture
def disassembled(tmp_path):
    """The samples, all their modules disassembled from binaries."""
    shutil.copytree(HOME, tmp_path / "samples")
    for path in FILES:
        (tmp_path / "samples" / path.relative_to(HOME)).write_text(rewritten(path))
    return tmp_path


#: This one's document shows the parameters of imports by name, which binaries do not keep.
DEMO_ALONE = "host_modules"
DOCUMENTS = sorted(p.parent.name for p in HOME.glob("*/README.md") if p.parent.name != DEMO_ALONE)


@pytest.mark.parametrize("sample", DOCUMENTS)
def test_what_they_show_they_show_again(sample, disassembled):
    """Their documents still tell the truth."""
    run_document(HOME / sample / "README.md", disassembled, Path(sys.executable).parent)


def test_what_the_demo_of_hosts_shows_it_shows_again(disassembled):
    shown = [
        subprocess.run(
            [sys.executable, folder / DEMO_ALONE / "demo.py"],
            capture_output=True, text=True, check=True,
        ).stdout
        for folder in (HOME, disassembled / "samples")
    ]  # fmt: skip
    assert shown[0] == shown[1] != ""


@pytest.mark.parametrize("tier", ["fast", "reference"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_again(name, tier):
    text, results, log = PROGRAMS[name]
    module = watloom.Module(text).valid
    data = encode_module(module.module, instance_exports(module))
    assert linked(data, tier) == (results, log)
    assert linked(print_module(watloom.Module(data).valid.module), tier) == (results, log)
