"""The examples in docstrings do what they show. Modules are imported by their real names."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import watloom

HOME = Path(watloom.__file__).resolve().parent


def modules() -> list[str]:
    """Every module of the package, without what runs when it is imported."""
    folders = {"watloom": HOME}
    folders |= {
        f"watloom.{name}": (HOME / name).resolve() for name in ("interp", "parser", "stdlib")
    }
    names = {
        ".".join([package, *path.relative_to(folder).with_suffix("").parts])
        for package, folder in folders.items()
        for path in folder.rglob("*.py")
        if path.name != "__main__.py"
    }
    return sorted(name.removesuffix(".__init__") for name in names)


@pytest.mark.parametrize("name", modules())
def test_examples(name: str) -> None:
    result = doctest.testmod(import_module(name))
    assert not result.failed


def test_there_are_examples() -> None:
    """The search above finds modules at all, and examples in them."""
    finder = doctest.DocTestFinder()
    found = [test for name in modules() for test in finder.find(import_module(name))]
    assert sum(len(test.examples) for test in found) > 50
