"""Programs of nested modules: each exports `run`; what it gives, and what it logs."""

from __future__ import annotations

import os

import watloom

LOG = '(import "host" "log" (func $log (param i32)))'

PROGRAMS: dict[str, tuple[str, object, list[int]]] = {
    "state of its own for each instance": (
        """(module
          (module $C
            (global $n (mut i32) (i32.const 0))
            (func (export "next") (result i32)
              (global.set $n (i32.add (global.get $n) (i32.const 1)))
              (global.get $n)))
          (instance $a (instantiate $C))
          (instance $b (instantiate $C))
          (func (export "run") (result i32 i32 i32)
            (call (func $a "next")) (call (func $a "next")) (call (func $b "next"))))""",
        [1, 2, 1],
        [],
    ),
    "start functions in the order of instantiation": (
        f"""(module {LOG}
          (module $M
            (import "log" (func $log (param i32)))
            (import "n" (global $n i32))
            (func $start (call $log (global.get $n)))
            (start $start))
          (module $N (global (export "n") i32 (i32.const 1)))
          (module $O (global (export "n") i32 (i32.const 2)))
          (instance $n (instantiate $N))
          (instance $o (instantiate $O))
          (instance (instantiate $M (import "log" (func $log)) (import "n" (global $n "n"))))
          (instance (instantiate $M (import "log" (func $log)) (import "n" (global $o "n"))))
          (func $start (call $log (i32.const 3)))
          (start $start)
          (func (export "run") (result i32) (i32.const 0)))""",
        [0],
        [1, 2, 3],
    ),
    "a start function sees memory before later segments": (
        f"""(module {LOG}
          (module $A
            (import "log" (func $log (param i32)))
            (memory (export "m") 1)
            (data (i32.const 0) "\\01")
            (func $start (call $log (i32.load8_u (i32.const 0))))
            (start $start))
          (instance $a (instantiate $A (import "log" (func $log))))
          (alias $a "m" (memory))
          (data (i32.const 0) "\\02")
          (func (export "run") (result i32) (i32.load8_u (i32.const 0))))""",
        [2],
        [1],
    ),
    "memories side by side": (
        """(module
          (module $M
            (import "byte" (global $byte i32))
            (memory (export "m") 1 3)
            (data (i32.const 4) "abc")
            (func (export "poke") (i32.store8 (i32.const 4) (global.get $byte)))
            (func (export "grow") (result i32) (memory.grow (i32.const 1)))
            (func (export "copy") (memory.copy (i32.const 8) (i32.const 4) (i32.const 3))))
          (module $N (global (export "g") i32 (i32.const 0x7a)))
          (instance $n (instantiate $N))
          (instance $a (instantiate $M (import "byte" (global $n "g"))))
          (instance $b (instantiate $M (import "byte" (global $n "g"))))
          (func (export "run") (result i32 i32 i32 i32 i32)
            (call (func $a "poke"))
            (call (func $b "copy"))
            (i32.load8_u (memory $a "m") (i32.const 4))
            (i32.load8_u (memory $b "m") (i32.const 4))
            (i32.load8_u (memory $b "m") (i32.const 8))
            (call (func $a "grow"))
            (call (func $a "grow"))))""",
        [0x7A, 0x61, 0x61, 1, 2],
        [],
    ),
    "tables, element segments and call_indirect": (
        """(module
          (module $T
            (type $f (func (result i32)))
            (table (export "t") 4 funcref)
            (func $own (result i32) (i32.const 10))
            (elem (i32.const 0) $own)
            (func (export "call") (param i32) (result i32)
              (call_indirect (type $f) (local.get 0))))
          (instance $t (instantiate $T))
          (alias $t "t" (table $t))
          (func $a (result i32) (i32.const 20))
          (func $b (result i32) (i32.const 30))
          (elem (table $t) (i32.const 1) func $a $b)
          (elem $later func $b $a)
          (func (export "run") (result i32 i32 i32 i32)
            (table.init $t $later (i32.const 3) (i32.const 1) (i32.const 1))
            (call (func $t "call") (i32.const 0))
            (call (func $t "call") (i32.const 1))
            (call (func $t "call") (i32.const 2))
            (call (func $t "call") (i32.const 3))))""",
        [10, 20, 30, 20],
        [],
    ),
    "segments of a parent behind those of a child": (
        """(module
          (module $C
            (memory (export "m") 1) (data (i32.const 0) "c")
            (table (export "t") 1 funcref) (elem (i32.const 0) $f) (func $f))
          (instance $c (instantiate $C))
          (alias $c "t" (table))
          (alias $c "m" (memory))
          (func $g (result i32) (i32.const 5))
          (elem (i32.const 0) $g)
          (data (i32.const 1) "p")
          (func (export "run") (result i32 i32)
            (call_indirect (result i32) (i32.const 0))
            (i32.load16_u (i32.const 0))))""",
        [5, 0x7063],
        [],
    ),
    "globals that are made of globals": (
        """(module
          (module $A (global (export "a") i32 (i32.const 20)))
          (instance $a (instantiate $A))
          (module $B
            (import "a" (global $a i32))
            (global $b (export "b") i32 (i32.add (global.get $a) (i32.const 1)))
            (memory (export "m") 1)
            (data (global.get $b) "*"))
          (instance $b (instantiate $B (import "a" (global $a "a"))))
          (func (export "run") (result i32 i32)
            (global.get (global $b "b"))
            (i32.load8_u (memory $b "m") (i32.const 21))))""",
        [21, 42],
        [],
    ),
    "an instance import becomes imports": (
        """(module
          (import "host" (instance $host (export "log" (func (param i32)))))
          (module $M
            (import "env" (instance $env (export "log" (func (param i32)))))
            (func (export "twice") (param i32)
              (call (func $env "log") (local.get 0))
              (call (func $env "log") (local.get 0))))
          (instance $m (instantiate $M (import "env" (instance $host))))
          (func (export "run") (result i32)
            (call (func $m "twice") (i32.const 7))
            (i32.const 1)))""",
        [1],
        [7, 7],
    ),
    "two-level imports of a nested module": (
        """(module
          (import "host" "log" (func (param i32)))
          (module $M (import "host" "log" (func $l (param i32))) (export "l" (func $l)))
          (instance $m (instantiate $M (import "host" (instance 0))))
          (func (export "run") (result i32) (call (func $m "l") (i32.const 9)) (i32.const 0)))""",
        [0],
        [9],
    ),
    "types of different modules that are one type": (
        """(module
          (module $A
            (rec (type $node (struct (field i32) (field (ref null $node)))))
            (func (export "cons") (param i32 (ref null $node)) (result (ref $node))
              (struct.new $node (local.get 0) (local.get 1))))
          (rec (type $list (struct (field $head i32) (field $tail (ref null $list)))))
          (instance $a (instantiate $A))
          (func $sum (param $l (ref null $list)) (result i32)
            (if (result i32) (ref.is_null (local.get $l))
              (then (i32.const 0))
              (else (i32.add
                (struct.get $list $head (local.get $l))
                (call $sum (struct.get $list $tail (local.get $l)))))))
          (func (export "run") (result i32)
            (call $sum
              (call (func $a "cons") (i32.const 3)
                (call (func $a "cons") (i32.const 4) (ref.null none))))))""",
        [7],
        [],
    ),
    "references to functions of a nested instance": (
        """(module
          (type $f (func (result i32)))
          (module $A
            (type $f (func (result i32)))
            (func $g (export "g") (result i32) (i32.const 6))
            (func (export "get") (result (ref $f)) (ref.func $g)))
          (instance $a (instantiate $A))
          (func (export "run") (result i32) (call_ref $f (call (func $a "get")))))""",
        [6],
        [],
    ),
    "exceptions between instances": (
        """(module
          (module $T (tag (export "e") (param i32)))
          (instance $t (instantiate $T))
          (module $A
            (import "e" (tag $e (param i32)))
            (func (export "f") (throw $e (i32.const 8))))
          (instance $a (instantiate $A (import "e" (tag $t "e"))))
          (func (export "run") (result i32)
            (block $h (result i32)
              (try_table (catch (tag $t "e") $h) (call (func $a "f")))
              (i32.const 0))))""",
        [8],
        [],
    ),
    "a table's initial value from another instance": (
        """(module
          (type $f (func (result i32)))
          (module $A
            (type $f (func (result i32)))
            (func $g (result i32) (i32.const 15))
            (elem declare func $g)
            (global (export "g") (ref $f) (ref.func $g)))
          (instance $a (instantiate $A))
          (module $B
            (type $f (func (result i32)))
            (import "g" (global $g (ref $f)))
            (table $t 2 (ref $f) (global.get $g))
            (func (export "call") (result i32) (call_ref $f (table.get $t (i32.const 1)))))
          (instance $b (instantiate $B (import "g" (global $a "g"))))
          (export "run" (func $b "call")))""",
        [15],
        [],
    ),
    "structs of functions, for engines without that import": (
        """(module
          (import "struct" "get" (func $get (param anyref i32) (result funcref)))
          (import "host" "log" (func $log (param i32)))
          (import "struct" "set" (func $set (param anyref i32 funcref)))
          (import "struct" "create" (func $create (param i32) (result anyref)))
          (type $f (func (result i32)))
          (module $M (func (export "f") (result i32) (i32.const 33)))
          (instance $m (instantiate $M))
          (elem declare func (func $m "f"))
          (func (export "run") (result i32 i32) (local $s anyref)
            (call $log (i32.const 4))
            (local.set $s (call $create (i32.const 3)))
            (call $set (local.get $s) (i32.const 1) (ref.func (func $m "f")))
            (call_ref $f (ref.cast (ref $f) (call $get (local.get $s) (i32.const 1))))
            (ref.is_null (call $get (local.get $s) (i32.const 2)))))""",
        [33, 1],
        [4],
    ),
    "bound functions": (
        """(module
          (type $two (func (param i32 i32) (result i32)))
          (type $one (func (param i32) (result i32)))
          (type $none (func (result i32)))
          (module $M
            (type $two (func (param i32 i32) (result i32)))
            (func $minus (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
            (elem declare func $minus)
            (func (export "get") (result (ref $two)) (ref.func $minus)))
          (instance $m (instantiate $M))
          (table $t 3 funcref)
          (func $plain (result i32) (i32.const 5))
          (elem (table $t) (i32.const 2) func $plain)
          (global $kept (mut (ref null $none)) (ref.null $none))
          (func (export "run") (result i32 i32 i32 i32 i32) (local $f (ref $one))
            (local.set $f (func.bind $one (i32.const 50) (call (func $m "get"))))
            (global.set $kept (func.bind $none (i32.const 8) (local.get $f)))
            (table.set $t (i32.const 0) (global.get $kept))
            (table.set $t (i32.const 1)
              (func.bind $none (i32.const 1) (i32.const 3) (call (func $m "get"))))
            (call_ref $one (i32.const 9) (local.get $f))
            (call_ref $none (global.get $kept))
            (call_indirect $t (type $none) (i32.const 0))
            (call_indirect $t (type $none) (i32.const 1))
            (call_indirect $t (type $none) (i32.const 2))))""",
        [41, 42, 42, -2, 5],
        [],
    ),
    "outer aliases and modules as arguments": (
        """(module $TOP
          (module $LIB (func (export "v") (result i32) (i32.const 11)))
          (module $USER
            (import "lib" (module $L (export "v" (func (result i32)))))
            (module $INNER
              (alias outer 1 $LIB (module $again))
              (instance $i (instantiate $again))
              (export $i))
            (instance $l (instantiate $L))
            (instance $m (instantiate $INNER))
            (func (export "run") (result i32)
              (i32.add (call (func $l "v")) (call (func $m "v")))))
          (instance $u (instantiate $USER (import "lib" (module $LIB))))
          (export $u))""",
        [22],
        [],
    ),
}


def linked(program: str | bytes | os.PathLike[str], tier: str = "fast") -> tuple[object, list[int]]:
    """What a program, a text, a binary or a file, gives and logs."""
    log: list[int] = []
    store = watloom.Store(tier=tier)
    instance = watloom.instantiate(program, {"host": {"log": log.append}}, store=store)
    return as_list(instance.exports.run()), log


def as_list(results: object) -> list[object]:
    return list(results) if isinstance(results, tuple | list) else [results]
