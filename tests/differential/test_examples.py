"""The examples in the docstrings of the generator and its helpers."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import differential

MODULES = [m.name for m in pkgutil.walk_packages(differential.__path__, "differential.")]


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_examples(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0
