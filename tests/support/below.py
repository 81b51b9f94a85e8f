"""What may stand below WASI: for each kind a way to make it over a folder of the host's.

A new provider is one entry in PROVIDERS; the tests that take `below` run over it as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import watloom
from fdguest import ROOT
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import StructInst
from watloom.stdlib import confine, fd_types, walk
from watloom.stdlib.caller import caller
from watloom.stdlib.native import HostFolder
from watloom.stdlib.providers.compress import compress
from watloom.stdlib.providers.encrypt import encrypt
from watloom.stdlib.providers.faulty import faulty
from watloom.stdlib.providers.logged import logged
from watloom.stdlib.providers.memory import MemoryFolder, memory
from watloom.stdlib.providers.overlay import overlay
from watloom.stdlib.providers.quota import quota
from watloom.stdlib.providers.tree import Steps
from watloom.stdlib.scope import Scope
from watloom.stdlib.vnode import OpenFlags, Vnode
from watloom.stdlib.vnode_struct import struct_of

__all__ = ["PROVIDERS", "TYPES", "Below"]

#: The two rec groups, as a module of its own has them.
TYPES = (ROOT / "stdlib/wat/fd.wat").read_text(encoding="utf-8")
TYPES = TYPES.partition("(module $fd")[2].partition("  ;; The errnos are")[0]


@dataclass(frozen=True)
class Below:
    """A mount.

    `shows_host`: what lies in the host's folder beforehand is seen, links and all; `reads_host`:
    and what is in those files (tests write them through the provider where not). `unwraps`: it
    knows its own folders where one is passed, so that renaming and linking work between them.
    `moves_folders`: those that the host has can be renamed.
    """

    mount: Any
    shows_host: bool = True
    reads_host: bool = True
    unwraps: bool = True
    moves_folders: bool = True


# A provider in WAT: a subtype with a field of its own, by which it knows its own folders. What is
# not about two of them the other's functions do themselves.
_OWN = {"rename": "$rename_own", "link": "$link_own"}
_AROUND = f"""(module {TYPES}
  (type $mine (sub $vnode (struct
    {" ".join(f"(field (ref ${name}))" for name in fd_types.FIELDS)} (field $inner (ref $vnode)))))
  (import "caller" "read" (func $from_caller (param i32 i32 i32)))
  (memory 1)
  (global $root (mut (ref null $vnode)) (ref.null $vnode))
  (elem declare func $rename_own $link_own)
  (func $unwrapped (param $to (ref $fd)) (result (ref $fd))
    (block $no (result (ref $fd))
      (return (struct.get $mine $inner
        (br_on_cast_fail $no (ref $fd) (ref $mine) (local.get $to))))))
  (func $copied (param i32 i32 i32 i32)
    (call $from_caller (i32.const 0) (local.get 0) (local.get 1))
    (call $from_caller (i32.const 0x4000) (local.get 2) (local.get 3)))
  (func $rename_own (type $rename)
    (call $copied (local.get 0) (local.get 1) (local.get 3) (local.get 4))
    (call_ref $rename (i32.const 0) (local.get 1)
      (call $unwrapped (local.get 2)) (i32.const 0x4000) (local.get 4)
      (struct.get $vnode $rename (global.get $root))))
  (func $link_own (type $link)
    (call $copied (local.get 1) (local.get 2) (local.get 4) (local.get 5))
    (call_ref $link (local.get 0) (i32.const 0) (local.get 2)
      (call $unwrapped (local.get 3)) (i32.const 0x4000) (local.get 5)
      (struct.get $vnode $link (global.get $root))))
  (func (export "wrap") (param $v (ref $vnode)) (result (ref $fd))
    (global.set $root (local.get $v))
    (struct.new $mine
      {
    " ".join(
        f"(ref.func {_OWN[name]})"
        if name in _OWN
        else f"(struct.get $vnode ${name} (local.get $v))"
        for name in fd_types.FIELDS
    )
}
      (local.get $v))))"""


@cache
def _around() -> watloom.Module:
    return watloom.Module(_AROUND)


def _in_wat(folder: Path) -> Callable[[Store], StructInst]:
    """The host's folder in a struct of a type that is not the host's."""

    def make(store: Store) -> StructInst:
        scope = Scope(store, 256)
        node = scope.add_root(HostFolder(confine.open_root(str(folder))))
        imports = {"caller": caller(store)}
        wrap = watloom.instantiate(_around(), imports, store=store).exports.wrap
        found: StructInst = wrap(struct_of(node, scope))
        return found

    return make


def _over(provider: Callable[[Vnode], Vnode]) -> Callable[[Path], Below]:
    """A provider over the host's folder."""
    return lambda folder: Below(lambda store: provider(_host(folder)))


def _host(folder: Path) -> HostFolder:
    return HostFolder(confine.open_root(str(folder)))


def _in_memory(folder: Path) -> MemoryFolder:
    """What the host has in a folder, in memory; links that say what could not be made, too."""
    root = memory()
    assert isinstance(root, MemoryFolder)
    for path in sorted(folder.rglob("*")):
        name = bytes(path.relative_to(folder))
        *_, last = path.parts
        with walk.walk(Steps(root), root.here, name, False) as place:
            if path.is_symlink():
                root.make(place.folder, last.encode(), bytes(path.readlink()))
            elif path.is_dir():
                root.mkdir(name)
            else:
                file = root.open(name, OpenFlags.CREATE | OpenFlags.WRITE)
                file.write(path.read_bytes())
                file.shut()
    return root


PROVIDERS: dict[str, Callable[[Path], Below]] = {
    "native": lambda folder: Below(folder),
    "in WAT": lambda folder: Below(_in_wat(folder)),
    "logged": _over(lambda folder: logged(folder, lambda record: None)),
    "quota": _over(lambda folder: quota(folder, 1 << 30)),
    "faulty": _over(lambda folder: faulty(folder)),
    "memory": lambda folder: Below(_in_memory(folder)),
    "overlay, all below": lambda folder: Below(
        overlay(_host(folder), memory()), moves_folders=False
    ),
    "overlay, all above": lambda folder: Below(overlay(memory(), _host(folder))),
    "encrypt": lambda folder: Below(
        lambda store: encrypt(_host(folder), bytes(range(32)), store), reads_host=False
    ),
    "compress": lambda folder: Below(
        lambda store: compress(_host(folder), store), reads_host=False
    ),
    "encrypt over compress": lambda folder: Below(
        lambda store: encrypt(compress(_host(folder), store), bytes(range(32)), store),
        reads_host=False,
    ),
}
