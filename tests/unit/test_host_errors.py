"""What host functions raise, and what guests see of it: errnos, traps; in both tiers."""

import errno
import io
import traceback

import pytest

import watloom
from watloom import Linker, Store, Trap, WasmException
from watloom.host import I32, I64, U32, Caller, Errno, HostModule, Ptr, String, export
from watloom.host.testing import call

pytestmark = pytest.mark.usefixtures("in_both_tiers")


@pytest.fixture(params=["fast", "reference"])
def store(request: pytest.FixtureRequest) -> Store:
    return Store(tier=request.param)


def guest(store: Store, text: str, *modules: HostModule) -> watloom.Instance:
    linker = Linker(store)
    for module in modules:
        linker.add(module)
    return linker.instantiate(text)


class Failing(HostModule, name="failing"):
    """Raises what it is told to."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    @export
    def plain(self) -> None:
        raise self.error

    @export
    def errno(self) -> Errno:
        raise self.error

    @export
    def both(self) -> I64 | Errno:
        raise self.error


FAIL = """(module
  (import "failing" "plain" (func $plain))
  (import "failing" "errno" (func $errno (result i32)))
  (import "failing" "both" (func $both (result i64 i32)))
  (func (export "plain") (call $plain))
  (func (export "errno") (result i32) (call $errno))
  (func (export "both") (result i64 i32) (call $both)))"""


def test_an_oserror_is_the_guests_errno(store: Store) -> None:
    instance = guest(store, FAIL, Failing(FileNotFoundError(2, "gone")))
    assert instance.exports.errno() == Errno.NOENT == 44
    assert instance.exports.both() == (0, 44)
    with pytest.raises(FileNotFoundError, match="gone"):
        instance.exports.plain()


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        IndexError("x"),
        ZeroDivisionError("x"),
        AttributeError("x"),
        OverflowError("x"),
        RecursionError("x"),
        KeyboardInterrupt(),
        SystemExit(3),
        StopIteration(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_other_exception_passes_through_unchanged(store: Store, error: BaseException) -> None:
    instance = guest(store, FAIL, Failing(error))
    for name in ("plain", "errno", "both"):
        with pytest.raises(type(error)) as caught:
            instance.exports[name]()
        assert caught.value is error
    instance.exports["plain"].store.lock.acquire(timeout=1)  # nothing is left locked
    instance.exports["plain"].store.lock.release()


def test_a_trap_of_the_hosts_has_the_guests_call_stack(store: Store) -> None:
    instance = guest(store, FAIL, Failing(Trap("no more")))
    with pytest.raises(Trap, match="no more") as caught:
        instance.exports.plain()
    assert [frame.name for frame in caught.value.stack] == ["plain"]
    assert caught.value.span is not None


def test_a_guest_catches_what_the_host_throws(store: Store) -> None:
    tag = watloom.Tag(watloom.FuncType((watloom.interp.core.types.I32,)))
    linker = Linker(store)
    linker.add(Failing(WasmException(tag, [7])))
    linker.define("t", "tag", tag)
    instance = linker.instantiate("""(module
      (import "failing" "plain" (func $plain)) (import "t" "tag" (tag $tag (param i32)))
      (func (export "run") (result i32)
        (block $caught (result i32)
          (try_table (catch $tag $caught) (call $plain))
          (i32.const 0)))
      (func (export "not") (call $plain)))""")
    assert instance.exports.run() == 7
    with pytest.raises(WasmException) as caught:
        instance.exports["not"]()
    assert caught.value.values == (7,)


NUMBERS = [
    (FileNotFoundError("x"), Errno.NOENT),
    (PermissionError("x"), Errno.ACCES),
    (TimeoutError(), Errno.TIMEDOUT),
    (ConnectionResetError(), Errno.CONNRESET),
    (io.UnsupportedOperation("not readable"), Errno.BADF),
    (PermissionError(errno.EPERM, "x"), Errno.PERM),
    (OSError("x"), Errno.IO),
]


@pytest.mark.parametrize(("error", "number"), NUMBERS)
def test_an_oserror_without_a_number_has_that_of_its_class(error: OSError, number: Errno) -> None:
    class Opening(HostModule):
        @export
        def open(self) -> Errno:
            raise error

    assert call(Opening(), "open") is number


class Reading(HostModule, name="reading"):
    """`outer` gives back an errno, and calls the guest, which calls `inner` with no text."""

    @export
    def outer(self, caller: Caller, own: Ptr[String]) -> Errno:
        if own.address:
            return Errno.SUCCESS if own.value else Errno.INVAL
        assert caller.instance is not None
        caller.instance.exports["back"]()
        return Errno.SUCCESS

    @export
    def inner(self, text: String) -> None: ...


def test_a_trap_of_a_guest_that_was_called_is_no_errno(store: Store) -> None:
    linker = Linker(store)
    linker.add(Reading())
    guest = linker.instantiate("""(module
      (import "reading" "outer" (func $outer (param i32) (result i32)))
      (import "reading" "inner" (func $inner (param i32 i32)))
      (memory 1) (data (i32.const 16) "\\18\\00\\00\\00\\01\\00\\00\\00\\ff")
      (func (export "back") (call $inner (i32.const 24) (i32.const 1)))
      (func (export "run") (param i32) (result i32) (call $outer (local.get 0))))""")
    with pytest.raises(Trap, match="malformed UTF-8") as caught:
        guest.exports.run(0)
    assert [frame.name for frame in caught.value.stack] == ["back", "run"]
    assert guest.exports.run(16) == Errno.ILSEQ  # read late, by the method itself


class Refusing(HostModule, name="refusing"):
    @export
    def answer(self) -> Errno:
        return Errno.ACCES

    @export
    def value(self, n: I32) -> U32 | Errno:
        return Errno.DOM if n < 0 else n * 2


def test_an_errno_may_be_given_back(store: Store) -> None:
    instance = guest(
        store,
        """(module (import "refusing" "answer" (func $answer (result i32)))
          (import "refusing" "value" (func $value (param i32) (result i32 i32)))
          (func (export "answer") (result i32) (call $answer))
          (func (export "value") (param i32) (result i32 i32) (call $value (local.get 0))))""",
        Refusing(),
    )
    assert instance.exports.answer() == Errno.ACCES
    assert (instance.exports.value(4), instance.exports.value(-4)) == ((8, 0), (0, Errno.DOM))


# ------------------------------------------------------------------ callbacks


def test_an_adapter_is_readable_source_in_tracebacks(store: Store) -> None:
    instance = guest(store, FAIL, Failing(ValueError("x")))
    with pytest.raises(ValueError) as caught:
        instance.exports.errno()
    shown = "".join(traceback.format_exception(caught.value))
    assert "<host " in shown and "_result = _call()" in shown
    assert "raise self.error" in shown
