"""WASI preview 1: its 46 functions, arguments, streams, clocks, chance, denials, how it ends."""

import io
import os
import select
import struct
import threading
import time
from pathlib import Path

import pytest

import watloom
from wasiguest import BADF, IN, INVAL, NOTCAPABLE, NOTSOCK, NOTSUP, OUT, TEXT, WasiGuest
from watloom.host import logged
from watloom.stdlib import library
from watloom.stdlib.wasi import SteadyClock, Wasi

pytestmark = pytest.mark.usefixtures("in_both_tiers")

# https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#functions, lowered
SIGNATURES = {
    "args_get": "i32 i32", "args_sizes_get": "i32 i32",
    "environ_get": "i32 i32", "environ_sizes_get": "i32 i32",
    "clock_res_get": "i32 i32", "clock_time_get": "i32 i64 i32",
    "fd_advise": "i32 i64 i64 i32", "fd_allocate": "i32 i64 i64", "fd_close": "i32",
    "fd_datasync": "i32", "fd_fdstat_get": "i32 i32", "fd_fdstat_set_flags": "i32 i32",
    "fd_fdstat_set_rights": "i32 i64 i64", "fd_filestat_get": "i32 i32",
    "fd_filestat_set_size": "i32 i64", "fd_filestat_set_times": "i32 i64 i64 i32",
    "fd_pread": "i32 i32 i32 i64 i32", "fd_prestat_get": "i32 i32",
    "fd_prestat_dir_name": "i32 i32 i32", "fd_pwrite": "i32 i32 i32 i64 i32",
    "fd_read": "i32 i32 i32 i32", "fd_readdir": "i32 i32 i32 i64 i32", "fd_renumber": "i32 i32",
    "fd_seek": "i32 i64 i32 i32", "fd_sync": "i32", "fd_tell": "i32 i32",
    "fd_write": "i32 i32 i32 i32",
    "path_create_directory": "i32 i32 i32", "path_filestat_get": "i32 i32 i32 i32 i32",
    "path_filestat_set_times": "i32 i32 i32 i32 i64 i64 i32",
    "path_link": "i32 i32 i32 i32 i32 i32 i32",
    "path_open": "i32 i32 i32 i32 i32 i64 i64 i32 i32", "path_readlink": "i32 i32 i32 i32 i32 i32",
    "path_remove_directory": "i32 i32 i32", "path_rename": "i32 i32 i32 i32 i32 i32",
    "path_symlink": "i32 i32 i32 i32 i32", "path_unlink_file": "i32 i32 i32",
    "poll_oneoff": "i32 i32 i32 i32", "proc_exit": "i32", "proc_raise": "i32", "sched_yield": "",
    "random_get": "i32 i32", "sock_accept": "i32 i32 i32", "sock_recv": "i32 i32 i32 i32 i32 i32",
    "sock_send": "i32 i32 i32 i32 i32", "sock_shutdown": "i32 i32",
}  # fmt: skip


def test_all_functions_are_there() -> None:
    assert len(SIGNATURES) == 46
    found = {
        name: " ".join(map(str, function.type.func.params))
        for name, function in Wasi.functions.items()
    }
    assert found == SIGNATURES
    for name, function in Wasi.functions.items():
        results = [str(t) for t in function.type.func.results]
        assert results == ([] if name == "proc_exit" else ["i32"]), name


def test_without_a_grant_there_is_no_module() -> None:
    assert "wasi_snapshot_preview1" not in library()
    with pytest.raises(watloom.LinkError, match="unknown import"):
        watloom.instantiate(TEXT)


# ------------------------------------------------------------------ arguments


def test_arguments_and_environment() -> None:
    guest = WasiGuest(Wasi(["cat", "Grüße", ""], {"A": "1", "EMPTY": ""}))
    assert guest("args_sizes_get", OUT, OUT + 4) == 0
    assert (guest.u32(), guest.u32(OUT + 4)) == (3, 4 + 8 + 1)
    assert guest("args_get", OUT, 0x200) == 0
    assert [guest.u32(OUT + 4 * i) for i in range(3)] == [0x200, 0x204, 0x20C]
    assert guest.memory[0x200:0x20D] == "cat\0Grüße\0\0".encode()
    assert guest("environ_sizes_get", OUT, OUT + 4) == 0
    assert (guest.u32(), guest.u32(OUT + 4)) == (2, 4 + 7)
    assert guest("environ_get", OUT, 0x200) == 0
    assert [guest.u32(OUT + 4 * i) for i in range(2)] == [0x200, 0x204]
    assert guest.memory[0x200:0x20B] == b"A=1\0EMPTY=\0"


def test_texts_with_nul_are_the_users_mistake() -> None:
    with pytest.raises(ValueError, match="NUL"):
        Wasi(["a\0b"])
    with pytest.raises(ValueError, match="NUL"):
        Wasi(env={"A": "\0"})


# ------------------------------------------------------------------ streams


def test_nothing_is_granted_by_default() -> None:
    guest = WasiGuest(Wasi())
    assert guest.read(0) == b""
    assert (guest.write(1, b"heard by nobody"), guest.write(2, b"the same")) == (15, 8)
    assert guest("fd_prestat_get", 3, OUT) == BADF
    assert guest("args_sizes_get", OUT, OUT + 4) == guest.u32() == 0


def test_streams() -> None:
    out, err = io.BytesIO(), io.BytesIO()
    guest = WasiGuest(Wasi(stdin=b"typed text", stdout=out, stderr=err))
    assert (guest.read(0, 5), guest.read(0), guest.read(0)) == (b"typed", b" text", b"")
    assert (guest.write(1, b"out"), guest.write(2, b"err")) == (3, 3)
    assert (out.getvalue(), err.getvalue()) == (b"out", b"err")
    assert [-guest.write(0, b"x"), guest.read(1)] == [NOTCAPABLE] * 2
    assert guest("fd_seek", 0, 0, 0, OUT) == guest("fd_tell", 1, OUT) == NOTCAPABLE
    assert guest.open("x", at=0)[0] == NOTCAPABLE
    assert [guest.filetype(n) for n in range(3)] == [0, 0, 0]


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_a_character_device_that_cannot_seek() -> None:
    guest = WasiGuest(Wasi(stdin=Terminal(b"x"), stdout=Terminal()))
    assert [guest.filetype(n) for n in range(3)] == [2, 2, 0]
    assert not any(guest.rights(n)[0] & (1 << 2 | 1 << 5) for n in range(3))


def test_buffers_are_gathered_and_scattered() -> None:
    """One write for all buffers; one read, too, so that nothing waits once something is there."""

    calls: list[int] = []

    class Counting(io.RawIOBase):
        def read(self, n: int = -1) -> bytes:
            calls.append(n)
            return b"abcdef"[:n]

        def write(self, data: bytes) -> int:  # type: ignore[override]
            calls.append(len(data))
            return len(data)

    both = Counting()
    guest = WasiGuest(Wasi(stdin=both, stdout=both))
    guest.memory[0:24] = struct.pack("<6I", IN, 2, 0x500, 0, IN + 10, 3)
    assert guest("fd_read", 0, 0, 3, OUT) == 0
    assert guest.u32() == 5
    assert guest.memory[IN : IN + 2] + guest.memory[IN + 10 : IN + 13] == b"abcde"
    assert guest("fd_write", 1, 0, 3, OUT) == 0
    assert guest.u32() == 5
    assert calls == [5, 5]


def test_what_is_no_fd() -> None:
    guest = WasiGuest(Wasi())
    assert guest.read(9) == BADF and guest.read(-1) == BADF
    for name in SIGNATURES:
        if name.startswith("fd_") and name not in ("fd_renumber", "fd_prestat_dir_name"):
            zeros = [0] * (len(SIGNATURES[name].split()) - 1)
            assert guest(name, 77, *zeros) == BADF, name


def test_so_many_buffers() -> None:
    guest = WasiGuest(Wasi())
    guest.memory[0x4000 : 0x4000 + 8 * 1025] = struct.pack("<II", 0, 1) * 1025
    assert guest("fd_write", 1, 0x4000, 1024, OUT) == 0
    assert guest.u32() == 1024
    assert guest("fd_write", 1, 0x4000, 1025, OUT) == INVAL


def test_a_log_of_calls() -> None:
    lines: list[str] = []
    guest = WasiGuest(logged(lines.append)(Wasi(["x"])))
    guest("path_open", 1, 0, "some/path", 0, 0, 0, 0, OUT)
    guest.write(2, b"text")
    assert [line.partition("::")[2] for line in lines] == [
        "path_open(1, 0, 'some/path', 0, 0, 0, 0, 256) → NOTCAPABLE",
        "fd_write(2, <4 bytes in 1>, 256) → SUCCESS",
    ]


# ------------------------------------------------------------------ clocks and chance


def test_clocks() -> None:
    guest = WasiGuest(Wasi())
    before = time.time_ns()
    assert guest("clock_time_get", 0, 0, OUT) == 0
    assert before <= guest.u64() <= time.time_ns()
    seen = []
    for which in (1, 2, 3, 1):
        assert guest("clock_time_get", which, 1, OUT) == 0
        seen.append(guest.u64())
        assert guest("clock_res_get", which, OUT) == 0
        assert 1 <= guest.u64() <= 1_000_000_000
    assert seen[3] > seen[0] > 0
    assert guest("clock_time_get", 4, 0, OUT) == guest("clock_res_get", 9, OUT) == INVAL


def test_a_steady_clock_and_a_seed_repeat() -> None:
    seen = set()
    for _ in range(2):
        guest = WasiGuest(Wasi(clock=1_700_000_000 * 10**9, random=5))
        guest("clock_time_get", 0, 0, OUT)
        guest("clock_time_get", 1, 0, OUT + 8)
        guest("random_get", OUT + 16, 20)
        seen.add(guest.memory[OUT : OUT + 36])
    assert len(seen) == 1
    assert seen.pop()[:16] == struct.pack("<QQ", 1_700_000_000 * 10**9, 1_000_000)


def test_chance() -> None:
    guest = WasiGuest(Wasi())
    guest("random_get", OUT, 32)
    first = guest.memory[OUT : OUT + 32]
    guest("random_get", OUT, 32)
    assert guest.memory[OUT : OUT + 32] != first
    assert guest("random_get", OUT, 0) == 0
    short = WasiGuest(Wasi(random=io.BytesIO(b"abc")))
    assert short("random_get", OUT, 2) == 0 and short.memory[OUT : OUT + 2] == b"ab"
    assert short("random_get", OUT, 2) == 29


# ------------------------------------------------------------------ denials


def test_what_is_denied() -> None:
    guest = WasiGuest(Wasi(["x"], deny=["clock", "random_get"]))
    assert guest("clock_time_get", 0, 0, OUT) == NOTCAPABLE
    assert guest("clock_res_get", 0, OUT) == guest("random_get", OUT, 4) == NOTCAPABLE
    assert guest("args_sizes_get", OUT, OUT + 4) == 0
    strict = WasiGuest(Wasi(deny=["random"], denial="trap"))
    with pytest.raises(watloom.Trap, match="denied"):
        strict("random_get", OUT, 4)
    with pytest.raises(ValueError, match="nothing to deny by the name of clocks"):
        Wasi(deny=["clocks"])
    with pytest.raises(watloom.DefinitionError):
        Wasi(deny=["proc_exit"])  # it has no errno to answer with


# ------------------------------------------------------------------ the end


@pytest.mark.parametrize("code", [0, 3, 255, 4_000_000_000])
def test_exit(code: int) -> None:
    guest = WasiGuest(Wasi())
    with pytest.raises(watloom.WasiExit) as end:
        guest.instance.exports.proc_exit(code)
    assert end.value.code == code
    assert guest.write(1, b"the instance stays usable") == 25


def test_signals_and_yielding() -> None:
    guest = WasiGuest(Wasi())
    assert (guest("proc_raise", 6), guest("proc_raise", 0)) == (NOTSUP, 0)
    assert guest("sched_yield") == 0


def test_nothing_is_a_socket() -> None:
    guest = WasiGuest(Wasi())
    assert guest("sock_shutdown", 1, 1) == guest("sock_accept", 0, 0, OUT) == NOTSOCK
    assert (
        guest("sock_recv", 0, 0, 0, 0, OUT, OUT) == guest("sock_send", 1, 0, 0, 0, OUT) == NOTSOCK
    )
    assert guest("sock_shutdown", 50, 1) == BADF


# ------------------------------------------------------------------ pointers


POINTERS = [
    ("args_sizes_get", (-4, OUT)), ("args_sizes_get", (OUT, 131072 - 3)), ("args_get", (-8, 0)),
    ("args_get", (0, 131072)), ("environ_get", (131072 - 3, 0)), ("environ_sizes_get", (-1, -1)),
    ("clock_time_get", (0, 0, 131065)), ("clock_res_get", (0, -8)), ("random_get", (131071, 2)),
    ("random_get", (0, -1)), ("fd_read", (0, 131065, 1, OUT)), ("fd_read", (0, 0, -1, OUT)),
    ("fd_read", (0, 8, 1, OUT)), ("fd_write", (1, 8, 1, OUT)), ("fd_write", (1, 0, 1, 131069)),
    ("fd_fdstat_get", (1, 131049)), ("fd_filestat_get", (1, 131009)),
    ("fd_prestat_get", (3, 131065)), ("fd_prestat_dir_name", (3, -1, 2)),
    ("fd_readdir", (3, 131000, 100, 0, OUT)), ("fd_readdir", (3, 0, 100, 0, 131069)),
    ("path_open", (3, 0, 131070, 3, 0, 2, 0, 0, OUT)), ("path_open", (3, 0, 0, 1, 0, 2, 0, 0, -2)),
    ("path_filestat_get", (3, 0, 16, 1, 131009)), ("path_filestat_get", (3, 0, -1, 1, OUT)),
    ("path_create_directory", (3, -1, 1)), ("path_remove_directory", (3, 0, -1)),
    ("path_unlink_file", (3, 131072, 1)), ("path_rename", (3, 0, 1, 3, -1, 1)),
    ("path_rename", (3, -1, 1, 3, 0, 1)), ("path_link", (3, 0, 0, 1, 3, -1, 4)),
    ("path_symlink", (-9, 8, 3, 0, 1)), ("path_symlink", (0, 1, 3, -9, 8)),
    ("path_readlink", (3, 0, 1, 131000, 100, OUT)), ("path_readlink", (3, -1, 1, 0, 1, OUT)),
    ("path_filestat_set_times", (3, 0, -1, 1, 0, 0, 0)), ("poll_oneoff", (131060, 0, 1, OUT)),
    ("poll_oneoff", (0, 131060, 1, OUT)), ("poll_oneoff", (0, 0, 1, -1)),
    ("poll_oneoff", (0, 0, -1, OUT)), ("fd_seek", (4, 0, 0, -1)), ("fd_tell", (4, 131066)),
    ("fd_pread", (4, 131065, 1, 0, OUT)), ("fd_pwrite", (4, 0, -1, 0, OUT)),
    ("sock_recv", (0, -1, 1, 0, 0, 0)), ("sock_send", (0, -1, 1, 0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), POINTERS)
def test_pointers_outside_of_memory_trap(tmp_path: Path, name: str, args: tuple[int, ...]) -> None:
    (tmp_path / "a").write_bytes(b"text")
    with WasiGuest(Wasi(["x"], {"A": "1"}, {"/": tmp_path}, stdin=b"x")) as guest:
        guest.memory[0:32] = b"a" + bytes(7) + struct.pack("<II", 0xFFFF_FFF0, 32) + b"a" * 16
        assert guest.open("a", rights=-1 & (1 << 30) - 1)[1] in (4, -1)
        guest.opened("a", rights=(1 << 6) | 7 | 1 << 5)
        with pytest.raises(watloom.Trap, match=r"^out of bounds memory access"):
            guest(name, *args)
        assert guest.read(0) == b"x", "and it goes on after that"
    assert (tmp_path / "a").read_bytes() == b"text"


# ------------------------------------------------------------------ waiting


def subscription(kind: int, userdata: int, *rest: int) -> bytes:
    if kind == 0:
        which, timeout, flags = rest
        return struct.pack("<QB7xI4xQQH6x", userdata, 0, which, timeout, 0, flags)
    return struct.pack("<QB7xI28x", userdata, kind, *rest)


def poll(guest: WasiGuest, *subscriptions: bytes) -> list[tuple[int, int, int]] | int:
    """(userdata, errno, kind) of each event, or the errno."""
    data = b"".join(subscriptions)
    guest.memory[IN : IN + len(data)] = data
    errno = guest("poll_oneoff", IN, 0x1000, len(subscriptions), OUT)
    events = guest.memory[0x1000 : 0x1000 + 32 * guest.u32()]
    return errno or [event[:3] for event in struct.iter_unpack("<QHB5xQH6x", events)]


def test_waiting_for_a_clock() -> None:
    guest = WasiGuest(Wasi())
    began = time.monotonic()
    assert poll(guest, subscription(0, 7, 1, 30_000_000, 0)) == [(7, 0, 0)]
    assert time.monotonic() - began >= 0.03
    assert poll(guest, subscription(0, 7, 0, time.time_ns() - 5, 1)) == [(7, 0, 0)]
    assert poll(guest) == INVAL
    assert guest("poll_oneoff", 0, 0, 2700, OUT) == 0
    guest.memory.grow(10)
    assert guest("poll_oneoff", 0, 0, 8193, OUT) == INVAL


def test_waiting_for_years_on_a_steady_clock() -> None:
    guest = WasiGuest(Wasi(clock=SteadyClock()))
    two = subscription(0, 1, 1, 10**18, 0), subscription(0, 2, 0, 10**17, 0)
    assert poll(guest, *two) == [(2, 0, 0)]
    guest("clock_time_get", 1, 0, OUT)
    assert 10**17 < guest.u64() < 2 * 10**17


def test_waiting_for_centuries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host can't sleep so long at once; it sleeps again and again."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    guest = WasiGuest(Wasi())
    with pytest.raises(KeyboardInterrupt):
        poll(guest, subscription(0, 1, 1, 2**64 - 1, 0))
    assert slept == [3600.0] * 3


def test_what_cannot_be_waited_for() -> None:
    guest = WasiGuest(Wasi())
    asked = (subscription(1, 1, 99), subscription(2, 2, 0), subscription(0, 3, 9, 0, 0),
             subscription(3, 4, 0), subscription(0, 5, 1, 10**15, 0))  # fmt: skip
    assert poll(guest, *asked) == [(1, BADF, 1), (2, BADF, 2), (3, INVAL, 0), (4, INVAL, 3)]


def test_waiting_for_a_pipe() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as stdin:
        guest = WasiGuest(Wasi(stdin=stdin))
        asked = subscription(1, 1, 0), subscription(0, 2, 1, 20_000_000, 0)
        assert poll(guest, *asked) == [(2, 0, 0)]
        thread = threading.Timer(0.05, os.write, (writing, b"now"))
        thread.start()
        assert poll(guest, asked[0], subscription(0, 2, 1, 20 * 10**9, 0)) == [(1, 0, 1)]
        thread.join()
        assert guest.read(0) == b"now"
        os.close(writing)
        assert poll(guest, asked[0]) == [(1, 0, 1)]
        assert guest.read(0) == b""
        assert poll(guest, subscription(2, 9, 1), asked[1]) == [(9, 0, 2)]


def test_waiting_ends_with_the_time_that_there_is() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as stdin, open(writing, "wb"):
        for asked in subscription(0, 1, 1, 10**15, 0), subscription(1, 1, 0):
            guest = WasiGuest(Wasi(stdin=stdin), watloom.Store(limits=watloom.Limits(seconds=0.1)))
            with pytest.raises(watloom.LimitError, match="out of time"):
                poll(guest, asked)


def test_a_copied_machine() -> None:
    """Its fds are the original's: what one reads the other does not."""
    guest = WasiGuest(Wasi(stdin=b"abcdef"))
    guest.memory[0:8] = struct.pack("<II", IN, 2)
    machine = guest.instance.start("fd_read", 0, 0, 1, OUT)
    copied = machine.copy()
    machine.run()
    copied.run()
    assert machine.results == copied.results == (0,)
    assert guest.memory[IN : IN + 2] == b"ab"
    assert guest.read(0) == b"ef"


@pytest.mark.skipif(not hasattr(select, "poll"), reason="what is a pipe cannot be waited for here")
def test_reading_ends_with_the_time_that_there_is() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as stdin, open(writing, "wb", buffering=0) as typed:
        guest = WasiGuest(Wasi(stdin=stdin), watloom.Store(limits=watloom.Limits(seconds=0.2)))
        # what would end it all the same, if it were not noticed
        late = threading.Timer(5, typed.write, (b"too late",))
        late.start()
        try:
            with pytest.raises(watloom.LimitError, match="out of time"):
                guest.read(0)
        finally:
            late.cancel()
        typed.write(b"in time")
        assert guest.read(0) == b"in time"
