"""CONTRIBUTING's "Add an instruction", executed: in a copy of the sources, block by block."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from docblocks import Block, blocks

ROOT = Path(__file__).resolve().parents[2]


def recipe() -> list[Block]:
    """The blocks that name a file, below the heading."""
    path = ROOT / "CONTRIBUTING.md"
    heading = path.read_text(encoding="utf-8").splitlines().index("## Add an instruction")
    return [b for b in blocks(path) if b.line > heading and b.file]


def apply(block: Block, folder: Path) -> None:
    """A block of Python is a new file; a diff says what to add where, once."""
    path = folder / str(block.file)
    if block.language == "python":
        assert not path.exists(), f"{block}: {block.file} is there already"
        path.write_text(block.text, encoding="utf-8")
        return
    assert block.language == "diff"
    lines = block.text.splitlines()
    before = "".join(f"{line[1:]}\n" for line in lines if line[0] == " ")
    after = "".join(f"{line[1:]}\n" for line in lines)
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{block}: {block.file} has {before!r} not just once"
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_the_recipe_works(tmp_path: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("watloom", "interp", "parser", "stdlib"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True, ignore=ignore)
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    applied = recipe()
    assert [b.language for b in applied] == ["python", "diff", "diff", "diff", "python"]
    for block in applied:
        apply(block, tmp_path)
    say = (
        "import watloom, sys, pytest; print(watloom.__file__); sys.exit(pytest.main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", say, "-q", "-p", "no:cacheprovider", "tests/unit"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(str(tmp_path)), "the copy is what was tested"
    assert " passed" in done.stdout
