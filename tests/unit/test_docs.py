"""What the documents show, works: their files, Python and console blocks are run in order."""

import shutil
import sys
from pathlib import Path

import pytest

from docblocks import Block, blocks, matches, run_console, run_document

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.usefixtures("in_both_tiers")
@pytest.mark.parametrize("name", ["README.md", "samples/host_modules/GUIDE.md"])
def test_document(name: str, tmp_path: Path) -> None:
    """Run the document in a folder that has the samples."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    run_document(ROOT / name, tmp_path, Path(sys.executable).parent)


def test_wildcards() -> None:
    """A line `…` stands for lines, `…` within a line for text; all else is exact."""
    assert matches(["a", "…", "z"], "a\nb\nc\nz\n")
    assert matches(["a", "…", "z"], "a\nz\n")
    assert matches(["took … ms"], "took 12 ms")
    assert not matches(["took … ms"], "took 12 s")
    assert not matches(["a"], "a\nb")


def test_blocks(tmp_path: Path) -> None:
    """Files, languages and line numbers are found, in lists too."""
    path = tmp_path / "x.md"
    path.write_text(
        "# x\n<!-- file: a.wat -->\n```wat\n(module)\n```\n\n- y\n  ```console\n  $ true\n  ```\n",
        encoding="utf-8",
    )
    wat, console = blocks(path)
    assert (wat.file, wat.language, wat.line, wat.text) == ("a.wat", "wat", 4, "(module)\n")
    assert (console.file, console.language, console.text) == (None, "console", "$ true\n")


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("$ echo one\none\n$ exit 3  # exit 3\n", False),
        ("$ echo one\ntwo\n", True),
        ("$ exit 3\n", True),
        ("$ echo a \\\n>   b\na b\n", False),
    ],
)
def test_console(text: str, fails: bool, tmp_path: Path) -> None:
    """A console block fails where its status or its output differs."""
    block = Block(path=Path("x.md"), line=1, language="console", text=text, file=None)
    if fails:
        with pytest.raises(AssertionError, match=r"x\.md:1: \$ "):
            run_console(block, tmp_path, tmp_path)
    else:
        run_console(block, tmp_path, tmp_path)


def test_python(tmp_path: Path) -> None:
    """Python blocks go on from one another; a traceback names the document's line."""
    path, bin_dir = tmp_path / "x.md", Path(sys.executable).parent
    path.write_text("```python\nx = 1\n```\n\n```python\nassert x == 1\n```\n", encoding="utf-8")
    run_document(path, tmp_path, bin_dir)
    path.write_text("```python\nx = 1\n```\n\n```python\nassert x == 2\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="line 6"):
        run_document(path, tmp_path, bin_dir)
