"""`bind_table` for any signature: modules of WebAssembly 1.0 that bind leading values.

    bind_table(("i32", "i32", "i32"), ("i32",))      is  wat/bind_table.wat
    bind_table(("i64", "f64"), (), bound=2)          binds both values of a function of two

A function cannot be made at run time there. So a module has a pool of them, trampolines, each with
a place for what it binds; there is one module for each signature, since a function has one type.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

__all__ = ["bind_table"]

_SIZES = {"i32": 4, "i64": 8, "f32": 4, "f64": 8}

#: As many trampolines as a handle has bits for.
MOST = 4096


def bind_table(
    params: Sequence[str], results: Sequence[str] = (), *, bound: int = 1, count: int = 64
) -> str:
    """The text of the module that binds the first `bound` of a function's parameters, for `count`.

    Types are words: i32, i64, f32, f64. Raises ValueError for other types, more than one result,
    more than 4,096 trampolines, and where nothing is bound, or more than there is.
    """
    if not all(t in _SIZES for t in (*params, *results)):
        raise ValueError("a parameter or result is i32, i64, f32 or f64")
    if len(results) > 1 or not 0 < bound <= len(params) or not 0 < count <= MOST:
        raise ValueError(
            f"one result at most, 1 to {len(params)} bound parameters, 1 to {MOST} trampolines"
        )
    values, rest = params[:bound], params[bound:]
    offsets, size = [], 16
    for t in values:
        size = -(-size // _SIZES[t]) * _SIZES[t]
        offsets.append(size)
        size += _SIZES[t]
    size = -(-size // 8) * 8
    given = [f"(local.get {i})" for i in range(len(rest))]
    run = " ".join(["(call $run", *given])
    loads = [
        f"({t}.load offset={offset} (local.get $place))"
        for t, offset in zip(values, offsets, strict=True)
    ]
    stores = [
        f"({t}.store offset={offset} (local.get $place) (local.get {1 + number}))"
        for number, (t, offset) in enumerate(zip(values, offsets, strict=True))
    ]
    shape = {
        "target": _type(params, results),
        "bound": _type(rest, results),
        "values": f" (param {' '.join(values)})",
        "run": f"(param {' '.join((*rest, 'i32'))})" + _results(results),
        "call": f"(param {' '.join(('i32', *rest))})" + _results(results),
        "size": size,
        "count": count,
        "pages": -(-count * size // 65536),
        "first": count,
        "entries": count + 256,
        "slot": len(rest),
        "loads": "\n      ".join(loads),
        "given": " ".join(given),
        "stores": "\n    ".join(stores),
        "shifted": " ".join(f"(local.get {1 + i})" for i in range(len(rest))),
        "list": fill(" ".join(f"$t{n}" for n in range(count)), 90).replace("\n", "\n    "),
        "trampolines": "\n".join(
            f"  (func $t{n} (type $bound) {run} (i32.const {n})))" for n in range(count)
        ),
    }
    return _TEXT.format(**shape)


def _type(params: Sequence[str], results: Sequence[str]) -> str:
    shown = f" (param {' '.join(params)})" if params else ""
    return f"(func{shown}{_results(results)})"


def _results(results: Sequence[str]) -> str:
    return f" (result {results[0]})" if results else ""


_TEXT = """\
;; Functions with bound values, without references: for modules of WebAssembly 1.0, which this is
;; written in, too. stdlib/bind_table.py writes it, for this signature and others.
;;
;;   of   {target}
;;   to   {bound}
;;
;;   table                    where functions are; those to be bound are put there from {first} on
;;   bind{values} behind the function's index: binds; gives a handle
;;   call                     calls what a handle stands for: handle, the other arguments
;;   index                    where what a handle stands for is in the table, for call_indirect
;;   free                     ends it; its handle is stale from then on
;;
;; A handle is a generation, 20 bits, and below it the number of a trampoline, 12 bits. It traps
;; where it was freed, and where there is none of that number; bind traps where all {count} of them
;; are taken. Generations begin at 1: 0 is no handle. After the last a trampoline rests for good.
;;
;; Whoever guesses a handle can call it; the first that is made is 4096. An index in the table has
;; no generation: kept for longer than its handle it can lead to another bound function. Ask for it
;; each time, or use call. The index that is bound is looked at when it is called, not before.
(module $bind_table
  (type $target {target})
  (type $bound {bound})
  (table (export "table") {entries} funcref)
  (elem (i32.const 0)
    {list})

  ;; For each trampoline {size} bytes: its generation, and 1 << 31 while it is taken; the index of
  ;; its function; the next free one, plus 1; its values from 16 on.
  (memory {pages})
  (global $used (mut i32) (i32.const 0))
  (global $free (mut i32) (i32.const 0))

  (func (export "bind") (param $function i32){values} (result i32)
    (local $slot i32) (local $place i32)
    (if (global.get $free)
      (then
        (local.set $slot (i32.sub (global.get $free) (i32.const 1)))
        (global.set $free
          (i32.load offset=8 (i32.mul (local.get $slot) (i32.const {size})))))
      (else
        (local.set $slot (global.get $used))
        (if (i32.eq (local.get $slot) (i32.const {count})) (then (unreachable)))
        (global.set $used (i32.add (local.get $slot) (i32.const 1)))))
    (local.set $place (i32.mul (local.get $slot) (i32.const {size})))
    (i32.store (local.get $place)
      (i32.or
        (i32.add (i32.load (local.get $place)) (i32.const 1))
        (i32.const 0x8000_0000)))
    (i32.store offset=4 (local.get $place) (local.get $function))
    {stores}
    (i32.or
      (i32.shl (i32.load (local.get $place)) (i32.const 12))
      (local.get $slot)))

  (func (export "call") {call}
    (call $run {shifted} (call $slot (local.get 0))))

  (func (export "index") (param $handle i32) (result i32)
    (call $slot (local.get $handle)))

  (func (export "free") (param $handle i32)
    (local $slot i32) (local $place i32)
    (local.set $slot (call $slot (local.get $handle)))
    (local.set $place (i32.mul (local.get $slot) (i32.const {size})))
    (i32.store (local.get $place) (i32.shr_u (local.get $handle) (i32.const 12)))
    (if (i32.lt_u (local.get $handle) (i32.const 0xffff_f000))
      (then
        (i32.store offset=8 (local.get $place) (global.get $free))
        (global.set $free (i32.add (local.get $slot) (i32.const 1))))))

  ;; The trampoline of a handle; traps where it is not, or no longer, one's.
  (func $slot (param $handle i32) (result i32)
    (local $slot i32)
    (local.set $slot (i32.and (local.get $handle) (i32.const 0xfff)))
    (if (i32.ge_u (local.get $slot) (i32.const {count})) (then (unreachable)))
    (if (i32.ne
          (i32.load (i32.mul (local.get $slot) (i32.const {size})))
          (i32.or (i32.shr_u (local.get $handle) (i32.const 12)) (i32.const 0x8000_0000)))
      (then (unreachable)))
    (local.get $slot))

  ;; What all trampolines do; one that binds nothing traps.
  (func $run {run}
    (local $place i32)
    (local.set $place (i32.mul (local.get {slot}) (i32.const {size})))
    (if (i32.ge_s (i32.load (local.get $place)) (i32.const 0)) (then (unreachable)))
    (call_indirect (type $target)
      {loads}
      {given}
      (i32.load offset=4 (local.get $place))))

{trampolines})
"""
