"""Our dataclasses against the standard library's: what one does, the other does."""

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from watloom.interp.core import dataclass as ours
from watloom.interp.core.source import Source, Span
from watloom.interp.runtime.limits import Limits

OPTIONS: list[dict[str, Any]] = [
    {},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True},
    {"eq": False},
    {"frozen": True, "eq": False, "slots": True, "kw_only": True},
]


def shapes(make: Any, field: Any, options: dict[str, Any]) -> tuple[type, type, type]:
    """A class, one that inherits, and one without fields."""

    class Base:
        a: int
        b: list[int] = field(default_factory=list)
        c: str = "c"
        hidden: int = field(default=7, init=False, repr=False)

        def double(self) -> int:
            return self.a * 2

    Base.__annotations__ = {"a": int, "b": list, "c": str, "hidden": int}
    made: Any = make(**options)(Base)

    class Derived(made):
        d: int = 4
        a: int = 1

    Derived.__annotations__ = {"d": int, "a": int}

    class Empty:
        pass

    return made, make(**options)(Derived), make(**options)(Empty)


def answer(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except Exception as error:
        return type(error), str(error).rpartition(".")[2]


ACTIONS: list[Callable[[Any, Any, Any], Any]] = [
    lambda base, derived, empty: repr(base(a=1)).rpartition(".")[2],
    lambda base, derived, empty: repr(derived(a=1, d=2)).rpartition(".")[2],
    lambda base, derived, empty: repr(empty()).rpartition(".")[2],
    lambda base, derived, empty: base(1, [2], "3").b,
    lambda base, derived, empty: base(a=1).double(),
    lambda base, derived, empty: derived().a,
    lambda base, derived, empty: base(a=1).b is base(a=1).b,
    lambda base, derived, empty: base(a=1) == base(a=1),
    lambda base, derived, empty: base(a=1) == derived(a=1),
    lambda base, derived, empty: empty() == empty(),
    lambda base, derived, empty: base(a=1) != base(a=2),
    lambda base, derived, empty: base(a=float("nan")) == base(a=float("nan")),
    lambda base, derived, empty: {empty(): 1}[empty()],
    lambda base, derived, empty: len({base(a=1, b=(), c=""), base(a=1, b=(), c="")}),
    lambda base, derived, empty: setattr(base(a=1), "a", 2),
    lambda base, derived, empty: delattr(base(a=1), "a"),
    lambda base, derived, empty: setattr(derived(a=1), "d", 2),
    lambda base, derived, empty: base(),
    lambda base, derived, empty: base(a=1, hidden=2),
    lambda base, derived, empty: base.__match_args__,
    lambda base, derived, empty: base.c if isinstance(base.c, str) else "a slot",
    lambda base, derived, empty: hasattr(base, "b") and not inspect.isdatadescriptor(base.b),
    lambda base, derived, empty: list(inspect.signature(derived).parameters),
    lambda base, derived, empty: copy.copy(base(a=1)).a,
    lambda base, derived, empty: copy.deepcopy(base(a=[1])).a,
    lambda base, derived, empty: dataclasses.replace(base(a=1), a=2).a,
    lambda base, derived, empty: [f.name for f in dataclasses.fields(derived(a=1))],
    lambda base, derived, empty: dataclasses.asdict(derived(a=1)),
    lambda base, derived, empty: dataclasses.is_dataclass(empty),
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options) or "plain")
@pytest.mark.parametrize("number", range(len(ACTIONS)))
def test_as_the_standard_library(number: int, options: dict[str, Any]) -> None:
    mine = shapes(ours.dataclass, ours.field, options)
    theirs = shapes(dataclasses.dataclass, dataclasses.field, options)
    found, wanted = answer(lambda: ACTIONS[number](*mine)), answer(lambda: ACTIONS[number](*theirs))
    assert found == wanted


def test_several_threads_may_be_the_first() -> None:
    for _ in range(50):

        @ours.dataclass(frozen=True, slots=True)
        class Pair:
            first: int
            second: int = 2

        start, made = threading.Barrier(4), []

        def make(cls: Any = Pair, start: Any = start, made: Any = made) -> None:
            start.wait()
            made.append(cls(1))

        threads = [threading.Thread(target=make) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made == [Pair(1)] * 4


def test_replace() -> None:
    assert ours.replace(Limits(fuel=3), memory=5) == Limits(fuel=3, memory=5)


def test_frozen_with_slots_pickle() -> None:
    assert pickle.loads(pickle.dumps(Span(3, 4))) == Span(3, 4)
    assert pickle.loads(pickle.dumps(Source("a", "b"))) == Source("a", "b")


def test_a_thing_that_holds_itself_is_shown() -> None:
    @ours.dataclass
    class Ring:
        inner: Any = None

    ring = Ring()
    ring.inner = ring
    assert repr(ring).endswith("Ring(inner=...)")


def test_defining_them_imports_little() -> None:
    code = "import sys, watloom.interp.core.module; print('dataclasses' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_what_the_standard_library_sees_is_made_once() -> None:
    @ours.dataclass
    class Base:
        a: int

    @ours.dataclass
    class Derived(Base):
        b: int = 0

    seen = [dataclasses.fields(cls) for cls in (Base, Derived, Base, Derived)]
    assert [[f.name for f in fields] for fields in seen[:2]] == [["a"], ["a", "b"]]
    assert [list(map(id, fields)) for fields in seen[:2]] == [
        list(map(id, fields)) for fields in seen[2:]
    ]
