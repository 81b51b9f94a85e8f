"""Fenced blocks of a Markdown file: found, written to disk, run, and compared with what they show.

    ```console
    $ watloom run hello.wat          a command, run by the shell; it must end with status 0 …
    hello                            what it prints, if anything is shown at all
    $ watloom run broken.wat  # exit 1          … or with the status that such a comment names
    …                                any number of lines; within a line, any text
    ```

A line `<!-- file: NAME -->` right above a block gives the block that file name.
All ```python blocks of a document are one program.
Blocks for the reader alone (`make test`, `git clone`) are marked ```sh and not run.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import tiers

_FENCE = re.compile(
    r"""
    (?: ^[ ]* <!--\ file:\s*(?P<file>\S+)\s*--> [ ]* \n (?:[ ]*\n)? )?
    ^(?P<indent>[ ]*) ``` (?P<language>\w+) [^\n`]* \n
    (?P<text> .*? )
    ^(?P=indent) ``` [ ]* $
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_STATUS = re.compile(r"#\s*exit (\d+)\s*$")
_SECONDS = 300


@dataclass(frozen=True)
class Block:
    """One fenced block, `line` being that of its first line of text."""

    path: Path
    line: int
    language: str
    text: str
    file: str | None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Command:
    """One `$ ` line of a console block and the output shown below it."""

    text: str
    status: int
    shown: list[str]


def blocks(path: Path) -> list[Block]:
    """All fenced blocks that name a language, in order."""
    source = path.read_text(encoding="utf-8")
    return [
        Block(
            path=path,
            line=source.count("\n", 0, match.start("text")) + 1,
            language=match["language"],
            text=dedent(match["text"]),
            file=match["file"],
        )
        for match in _FENCE.finditer(source)
    ]


def commands(block: Block) -> Iterator[Command]:
    """The commands of a console block; one that ends in a backslash goes on in the next line."""
    lines = iter(block.text.splitlines())
    text, shown = "", list[str]()
    for line in lines:
        if line.startswith("$ "):
            if text:
                yield _command(text, shown)
            text, shown = line[2:], []
            while text.endswith("\\"):
                text = text[:-1] + next(lines).removeprefix("> ").lstrip()
        elif text:
            shown.append(line)
        else:
            raise AssertionError(f"{block}: output without a `$ ` line above it")
    if text:
        yield _command(text, shown)


def _command(text: str, shown: list[str]) -> Command:
    status = _STATUS.search(text)
    return Command(text, int(status[1]) if status else 0, shown)


def run_document(path: Path, cwd: Path, bin_dir: Path) -> None:
    """Write the document's files into `cwd`, run its console blocks in order, then its Python."""
    program = ""
    for block in blocks(path):
        if block.file:
            target = cwd / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            run_console(block, cwd, bin_dir)
        elif block.language == "python":
            # Lines keep their numbers, so that a traceback points into the document.
            program += "\n" * (block.line - 1 - program.count("\n")) + block.text
    if program:
        (cwd / "program.py").write_text(program, encoding="utf-8")
        done = _run("python program.py", cwd, bin_dir)
        assert done.returncode == 0, f"the Python of {path}\n{done.stdout}"


def run_console(block: Block, cwd: Path, bin_dir: Path) -> None:
    """Run each command in `cwd` with `bin_dir` first on PATH; fail where it differs."""
    for command in commands(block):
        done = _run(command.text, cwd, bin_dir)
        where = f"{block}: $ {command.text}\n"
        assert done.returncode == command.status, (
            f"{where}status {done.returncode}, expected {command.status}\n{done.stdout}"
        )
        if command.shown:
            assert matches(command.shown, done.stdout), (
                f"{where}--- shown\n{chr(10).join(command.shown)}\n--- printed\n{done.stdout}"
            )


def _run(command: str, cwd: Path, bin_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        shell=True,
        cwd=cwd,
        env=environment(bin_dir),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=_SECONDS,
    )


def environment(bin_dir: Path) -> dict[str, str]:
    """This process's environment with `bin_dir` first on PATH, plain output and no other Python."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    path = os.pathsep.join((str(bin_dir), kept.get("PATH", os.defpath)))
    return {
        **kept,
        "PATH": path,
        "PYTHONUTF8": "1",
        "NO_COLOR": "1",
        "COLUMNS": "100",
    } | tiers.environment()


def matches(shown: list[str], printed: str) -> bool:
    """Whether the output is what is shown; trailing blanks and blank lines at the end don't count.

    >>> matches(["one", "…", "took … s"], "one\\ntwo\\nthree\\ntook 0.1 s\\n")
    True
    >>> matches(["one", "three"], "one\\ntwo\\nthree\\n")
    False
    """
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*") + r"\n"
        for line in _trimmed(shown)
    )
    text = "".join(line + "\n" for line in _trimmed(printed.splitlines()))
    return re.fullmatch(pattern, text) is not None


def _trimmed(lines: list[str]) -> list[str]:
    return "\n".join(line.rstrip() for line in lines).rstrip("\n").split("\n")
