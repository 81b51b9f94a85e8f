"""Every module of the samples: text → binary → text is a module of the same type, printed alike."""

from pathlib import Path

import pytest

import watloom
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
