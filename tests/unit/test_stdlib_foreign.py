"""fd structs as vnodes: our own back, WAT ones through a memory that is made for the call."""

from pathlib import Path
from typing import Any

import pytest

import watloom
from fdguest import ROOT
from wasiguest import IO, WasiGuest
from watloom.interp.host.errnos import Refused
from watloom.interp.runtime.values import HostFunc, StructInst
from watloom.stdlib import confine, fd_types
from watloom.stdlib.caller import caller
from watloom.stdlib.fd import FdModule
from watloom.stdlib.foreign import ForeignVnode, vnode
from watloom.stdlib.native import HostFolder
from watloom.stdlib.scope import Scope
from watloom.stdlib.vnode import Entry, Filetype, OpenFlags, Stat, Vnode
from watloom.stdlib.vnode_struct import node_of, struct_of
from watloom.stdlib.wasi import Wasi

pytestmark = pytest.mark.usefixtures("in_both_tiers")

TYPES = (ROOT / "stdlib/wat/fd.wat").read_text().partition("(module $fd")[2]
TYPES = TYPES.partition("  ;; The errnos are")[0]

# A file in WAT with a memory of its own: what was written to it can be read once, in upper case.
# It passes what it does not know on to another vnode.
WAT = f"""(module {TYPES}
  (import "caller" "read" (func $from_caller (param i32 i32 i32)))
  (import "caller" "write" (func $to_caller (param i32 i32 i32)))
  (memory 1)
  (global $kept (mut i32) (i32.const 0))
  (elem declare func $read $write $close $stat)
  (func $write (type $write) (local $i i32)
    (call $from_caller (i32.const 0) (local.get 0) (local.get 1))
    (loop $next
      (i32.store8 (local.get $i) (i32.and (i32.load8_u (local.get $i)) (i32.const 0xDF)))
      (br_if $next (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 1))))
    (global.set $kept (local.get 1))
    (local.get 1))
  (func $read (type $read) (local $n i32)
    (local.set $n (global.get $kept))
    (global.set $kept (i32.const 0))
    (call $to_caller (local.get 0) (i32.const 0) (local.get $n))
    (local.get $n))
  (func $close (type $close) (i32.const 0))
  (func $stat (type $stat)
    (i64.store (i32.const 0x100) (i64.const 77))
    (i32.store8 (i32.const 0x110) (i32.const 4))
    (i64.store (i32.const 0x120) (i64.const -1))
    (call $to_caller (local.get 0) (i32.const 0x100) (i32.const 64))
    (i32.const 0))
  (func (export "wrap") (param $v (ref $vnode)) (result (ref $fd))
    (struct.new $vnode
      (struct.get $vnode $open (local.get $v)) (ref.func $read) (ref.func $write) (ref.func $close)
      {
    " ".join(
        "(ref.func $stat)" if name == "stat" else f"(struct.get $vnode ${name} (local.get $v))"
        for name in fd_types.FIELDS[4:]
    )
})))
"""


class Folder(Vnode):
    """Answers every path with what it was asked."""

    filetype = Filetype.DIRECTORY

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def open(self, path: bytes, flags: OpenFlags) -> Vnode:
        self.seen.append((path, flags))
        return self

    def rename(self, path: bytes, to: Vnode, new: bytes) -> None:
        self.seen.append((path, to, new))

    def readdir(self, cookie: int) -> list[Entry]:
        return [Entry(i, b"%04d" % i, Filetype.REGULAR_FILE, 7) for i in range(cookie + 1, 1000)]

    def readlink(self, path: bytes) -> bytes:
        return path * 2

    def seek(self, offset: int, whence: int) -> int:
        return (offset, 5, (1 << 40) + offset)[whence]

    def stat_at(self, path: bytes, follow: bool) -> Stat:
        return Stat(Filetype.SYMBOLIC_LINK, len(path), 1, 2, 3, 4, 5, 2**64 - 1)


@pytest.fixture
def store() -> watloom.Store:
    return watloom.Store()


def foreign(node: Vnode, store: watloom.Store) -> ForeignVnode:
    """The node, called through its struct as if that came from elsewhere."""
    return ForeignVnode(struct_of(node, Scope(store, 10)), store)


def wrapped(node: Vnode, store: watloom.Store) -> Vnode:
    """The node with the WAT above in front of it."""
    linker = watloom.Linker(store)
    linker.define("caller", caller(store))
    return vnode(linker.instantiate(WAT).exports.wrap(struct_of(node, Scope(store, 10))), store)


def test_our_own_come_back(store: watloom.Store) -> None:
    node = Folder()
    fd = struct_of(node, Scope(store, 10))
    assert node_of(fd) is node and vnode(fd, store) is node
    with pytest.raises(TypeError, match="an fd is wanted"):
        vnode(StructInst(fd_types.OPEN, [], store), store)


def test_pieced_together_is_foreign(store: watloom.Store) -> None:
    """A guest can make a struct of two others' functions; that is neither of them."""
    one, two = (struct_of(Folder(), Scope(store, 10)) for _ in range(2))
    mixed = StructInst(fd_types.VNODE, [*one.fields[:-1], two.fields[-1]], store)
    swapped = StructInst(fd_types.VNODE, [*one.fields], store)
    swapped.fields[1], swapped.fields[2] = swapped.fields[2], swapped.fields[1]
    assert node_of(mixed) is None and node_of(swapped) is None
    assert isinstance(vnode(mixed, store), ForeignVnode)


def test_all_that_passes(store: watloom.Store) -> None:
    node = Folder()
    far = foreign(node, store)
    assert far.filetype == Filetype.DIRECTORY
    assert far.open(b"a/b", OpenFlags(5)) is node
    assert far.readlink(b"xy") == b"xyxy"
    assert list(far.readdir(0)) == node.readdir(0)
    assert list(far.readdir(995)) == node.readdir(995)
    assert far.stat_at(b"name", True) == node.stat_at(b"name", True)
    assert [far.seek(-3 + 8 * w, w) for w in (1, 2)] == [5, (1 << 40) + 13]
    assert far.seek(3, 0) == 3
    far.rename(b"old", node, b"new")
    assert node.seen == [(b"a/b", 5), (b"old", node, b"new")]
    for refuses in (lambda: far.read(1), lambda: far.write(b"x"), lambda: far.mkdir(b"x")):
        with pytest.raises(Refused):
            refuses()
    far.shut()
    assert node.closed
    with pytest.raises(Refused, match="BADF"):
        far.stat()


def test_a_provider_in_wat(store: watloom.Store) -> None:
    file = wrapped(Folder(), store)
    assert isinstance(file, ForeignVnode) and file.filetype == Filetype.REGULAR_FILE
    assert file.write(b"letter") == 6
    assert file.read(100) == b"LETTER"
    assert file.stat() == Stat(Filetype.REGULAR_FILE, 2**64 - 1, 77, nlink=0)
    assert file.readlink(b"ab") == b"abab"


def test_a_provider_that_lies_about_a_count(store: watloom.Store) -> None:
    liar = HostFunc(fd_types.READ, lambda buf, length: length + 1, store=store)
    fd = StructInst(fd_types.FD, [*struct_of(Folder(), Scope(store, 1)).fields[:4]], store)
    fd.fields[1] = liar
    with pytest.raises(Refused, match="IO"):
        vnode(fd, store).read(4)


def test_four_functions_only(store: watloom.Store) -> None:
    fd = StructInst(fd_types.FD, [*struct_of(Folder(), Scope(store, 1)).fields[:4]], store)
    small = vnode(fd, store)
    with pytest.raises(Refused, match="NOTSUP"):
        small.stat()
    assert small.filetype == Filetype.UNKNOWN


def test_nested_calls_do_not_share_a_memory(store: watloom.Store) -> None:
    """Python over WAT over Python over WAT."""

    class Passing(Folder):
        def __init__(self, inner: Vnode) -> None:
            super().__init__()
            self.inner = inner

        def readlink(self, path: bytes) -> bytes:
            return self.inner.readlink(b"<" + path + b">") + path

    node: Vnode = Folder()
    for _ in range(4):
        node = Passing(wrapped(node, store))
    assert wrapped(node, store).readlink(b"a").count(b"a") == 6


@pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")
def test_native_over_foreign_and_back(store: watloom.Store, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"text")
    folder = HostFolder(confine.open_root(str(tmp_path)))
    far = foreign(folder, store)
    file = far.open(b"a", OpenFlags(0))
    assert file.pread(2, 1) == b"ex" and file.stat().size == 4
    far.rename(b"a", far, b"b")
    assert sorted(entry.name for entry in far.readdir(0)) == [b".", b"..", b"b"]
    with pytest.raises(OSError, match="XDEV"):
        far.rename(b"b", Folder(), b"c")
    assert FdModule([tmp_path]).preopens == [str(tmp_path)]


@pytest.mark.parametrize("field", ["readdir", "readlink"])
def test_a_provider_that_lies_to_a_program(store: watloom.Store, field: str) -> None:
    call: dict[str, tuple[Any, ...]] = {
        "readdir": ("fd_readdir", 3, 0, 100, 0, 0),
        "readlink": ("path_readlink", 3, 0, 1, 0, 100, 0),
    }
    with WasiGuest(Wasi(mounts={"/": lying(store, field, 101)}), store) as guest:
        assert guest(*call[field]) == IO


def test_an_errno_that_is_none(store: watloom.Store) -> None:
    """Its lower half would be a success."""
    with pytest.raises(Refused, match="IO"):
        vnode(lying(store, "seek", -1 << 63), store).seek(0, 1)


def lying(store: watloom.Store, field: str, answer: int) -> StructInst:
    """An fd of which one function always gives this."""
    fields = struct_of(Folder(), Scope(store, 1)).fields
    func = HostFunc(fd_types.FUNCS[field], lambda *_: answer, store=store)
    fields[fd_types.FIELDS.index(field)] = func
    return StructInst(fd_types.VNODE, fields, store)
