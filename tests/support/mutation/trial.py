"""One mistake, loaded and tried in a process of its own.

The process is a copy of this one (`fork`), which has not compiled anything yet: so programs are
made and validated once, and a trial begins at once.
"""

from __future__ import annotations

import ast
import importlib
import linecache
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from differential.compare import Difference, judge
from differential.outcome import Ended, Outcome
from differential.program import Program
from differential.voices.watloom_tier import run_module
from mutation.corpus import Case
from mutation.sites import PACKAGE, Mutation, trees

__all__ = ["VERDICTS", "Verdict", "trial", "trials"]

#: How a mistake was noticed, or that it was not.
VERDICTS = {
    "difference": "a program went another way",
    "crash": "the compiled tier failed within",
    "import": "the compiled tier could not be loaded",
    "timeout": "a program did not end",
    "survived": "no program noticed",
    "slower": "no program noticed, but more functions became a loop over numbered blocks",
}

#: A function that the tier could not structure: it gives up quietly, and is right all the same.
_DISPATCH = "    pc = 0\n"

_PROGRAM_SECONDS = 3.0  # a program takes some hundredths
_CPU_SECONDS = 120
_BYTES = 3 << 30


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mistake, after how many programs, and how it showed."""

    kind: str
    programs: int
    detail: str = ""


class _Mutated(MetaPathFinder, Loader):
    """Loads one module from a changed tree."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name = name
        self.tree = tree

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: object = None
    ) -> ModuleSpec | None:
        if name != self.name:
            return None
        found = PathFinder.find_spec(name, path)
        assert found is not None
        found.loader = self
        return found

    def exec_module(self, module: ModuleType) -> None:
        assert module.__file__ is not None
        code = compile(ast.fix_missing_locations(self.tree), module.__file__, "exec")
        exec(code, module.__dict__)


class _Said:
    """The reference machine, heard before."""

    name = "reference"

    def __init__(self, case: Case) -> None:
        self.case = case

    def run(self, program: Program, fuel: int | None = None) -> Outcome:
        return self.case.expected


class _Fast:
    """The compiled tier, on a module that is at hand."""

    name = "fast"

    def __init__(self, case: Case) -> None:
        self.case = case

    def run(self, program: Program, fuel: int | None = None) -> Outcome:
        module = self.case.module
        return run_module(module, program, "fast", fuel, seconds=_PROGRAM_SECONDS)


def trial(mutation: Mutation | None, corpus: Sequence[Case]) -> Verdict:
    """Load the compiled tier with a mistake (or as it is) and run the programs: here, for good."""
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]  # what others need of it, without the mistake
    if mutation is not None:
        mutation.put()
        sys.meta_path.insert(0, _Mutated(mutation.module, trees()[mutation.module]))
    try:
        for name in trees():
            importlib.import_module(name)
    except Exception as error:
        return Verdict("import", 0, f"{type(error).__name__}: {error}")
    structure = sys.modules[f"{PACKAGE}.structure"]
    loops = vars(structure)["_LOOPS"]
    for number, case in enumerate(corpus, 1):
        vars(structure)["_LOOPS"] = loops if case.nested else -1
        found = judge(case.program, [_Said(case), _Fast(case)], case.fuel)
        if found is not None:
            return Verdict(_kind(found), number, f"seed {case.program.seed}, {found}")
    written = [lines[2] for name, lines in linecache.cache.items() if name.startswith("<watloom ")]
    text = "".join(line for lines in written for line in lines)
    return Verdict(
        "survived", len(corpus), f"{text.count(_DISPATCH)} {sha256(text.encode()).hexdigest()}"
    )


def _kind(found: Difference) -> str:
    said = found.said[1]
    kind = said.kind if isinstance(said, Ended) else ""
    return {"hang": "timeout", "crash": "crash"}.get(kind, "difference")


def trials(mutations: Sequence[Mutation], corpus: Sequence[Case]) -> Iterator[Verdict]:
    """The verdict of each, one after the other. Raises ValueError if none are needed to differ."""
    unchanged = _in_a_copy(lambda: trial(None, corpus))
    if unchanged.kind != "survived":
        raise ValueError(f"without any mistake: {unchanged.detail}")
    for mutation in mutations:
        verdict = _in_a_copy(lambda mutation=mutation: trial(mutation, corpus))
        yield _explained(verdict, unchanged) if verdict.kind == "survived" else verdict


def _explained(verdict: Verdict, unchanged: Verdict) -> Verdict:
    """What else is known of a mistake that no program noticed."""
    if verdict.detail == unchanged.detail:
        return replace(verdict, detail="the same Python is written")
    dispatched, before = (int(v.detail.split()[0]) for v in (verdict, unchanged))
    if dispatched > before:
        return replace(verdict, kind="slower", detail=f"{dispatched} dispatch loops, not {before}")
    return replace(verdict, detail="other Python is written")


def _in_a_copy(run: Callable[[], Verdict]) -> Verdict:
    """What a function gives in a copy of this process."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _limit()
        try:
            verdict = run()
        except BaseException as error:  # what got past everything, such as a lack of memory
            verdict = Verdict("crash", 0, f"{type(error).__name__}: {error}")
        text = "\0".join((verdict.kind, str(verdict.programs), verdict.detail[:2000]))
        os.write(writing, text.encode(errors="replace"))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if not told:
        ended = os.waitstatus_to_exitcode(status)
        return Verdict("timeout" if ended == -signal.SIGXCPU else "crash", 0, f"ended by {-ended}")
    kind, programs, detail = told.split("\0", 2)
    return Verdict(kind, int(programs), detail)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
