"""One program in two forms: with structs and func.bind, and over `struct_table` and `bind_table`.

Two counters are structs of a number and a step; a third function is bound to the first one. Each is
called, freed where that is possible, and what it gives is logged.
"""

from __future__ import annotations

__all__ = ["REFERENCES", "TABLES"]

REFERENCES = """(module
  (import "host" "log" (func $log (param i32)))
  (type $counter (struct (field $n (mut i32)) (field $step i32)))
  (type $bound (func (param i32 i32) (result i32)))
  (elem declare func $add)
  (func $add (param $c (ref $counter)) (param i32 i32) (result i32)
    (struct.set $counter $n (local.get $c)
      (i32.add
        (i32.add (struct.get $counter $n (local.get $c)) (struct.get $counter $step (local.get $c)))
        (i32.mul (local.get 1) (local.get 2))))
    (struct.get $counter $n (local.get $c)))
  (func (export "run") (local $a (ref $bound)) (local $b (ref $bound))
    (local.set $a
      (func.bind $bound (struct.new $counter (i32.const 0) (i32.const 1)) (ref.func $add)))
    (local.set $b
      (func.bind $bound (struct.new $counter (i32.const 100) (i32.const 10)) (ref.func $add)))
    (call $log (call_ref $bound (i32.const 0) (i32.const 0) (local.get $a)))
    (call $log (call_ref $bound (i32.const 2) (i32.const 3) (local.get $a)))
    (call $log (call_ref $bound (i32.const 1) (i32.const 1) (local.get $b)))
    (call $log (call_ref $bound (i32.const 0) (i32.const 0) (local.get $a)))))
"""
TABLES = """(module
  (import "host" "log" (func $log (param i32)))
  (import "struct_table" "create" (func $create (param i32) (result i32)))
  (import "struct_table" "set" (func $set (param i32 i32 i32)))
  (import "struct_table" "get" (func $get (param i32 i32) (result i32)))
  (import "struct_table" "free" (func $free (param i32)))
  (import "bind_table" "table" (table 65 funcref))
  (import "bind_table" "bind" (func $bind (param i32 i32) (result i32)))
  (import "bind_table" "call" (func $call (param i32 i32 i32) (result i32)))
  (import "bind_table" "index" (func $index (param i32) (result i32)))
  (import "bind_table" "free" (func $unbind (param i32)))
  (type $bound (func (param i32 i32) (result i32)))
  (elem (i32.const 64) $add)
  (func $counter (param $n i32) (param $step i32) (result i32) (local $c i32)
    (local.set $c (call $create (i32.const 2)))
    (call $set (local.get $c) (i32.const 0) (local.get $n))
    (call $set (local.get $c) (i32.const 1) (local.get $step))
    (local.get $c))
  (func $add (param $c i32) (param i32 i32) (result i32)
    (call $set (local.get $c) (i32.const 0)
      (i32.add
        (i32.add
          (call $get (local.get $c) (i32.const 0))
          (call $get (local.get $c) (i32.const 1)))
        (i32.mul (local.get 1) (local.get 2))))
    (call $get (local.get $c) (i32.const 0)))
  (func (export "run") (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local.set $c (call $counter (i32.const 0) (i32.const 1)))
    (local.set $d (call $counter (i32.const 100) (i32.const 10)))
    (local.set $a (call $bind (i32.const 64) (local.get $c)))
    (local.set $b (call $bind (i32.const 64) (local.get $d)))
    (call $log (call $call (local.get $a) (i32.const 0) (i32.const 0)))
    (call $log
      (call_indirect (type $bound) (i32.const 2) (i32.const 3) (call $index (local.get $a))))
    (call $log
      (call_indirect (type $bound) (i32.const 1) (i32.const 1) (call $index (local.get $b))))
    (call $log (call $call (local.get $a) (i32.const 0) (i32.const 0)))
    (call $unbind (local.get $a)) (call $unbind (local.get $b))
    (call $free (local.get $c)) (call $free (local.get $d)))
  ;; What is stale: a handle that was freed, used once more.
  (func (export "stale_struct") (local $c i32)
    (local.set $c (call $counter (i32.const 1) (i32.const 1)))
    (call $free (local.get $c))
    (drop (call $counter (i32.const 2) (i32.const 2)))
    (drop (call $get (local.get $c) (i32.const 0))))
  (func (export "stale_binding") (local $a i32)
    (local.set $a (call $bind (i32.const 64) (i32.const 0)))
    (call $unbind (local.get $a))
    (drop (call $bind (i32.const 64) (i32.const 0)))
    (drop (call $call (local.get $a) (i32.const 0) (i32.const 0))))
  ;; All the generations of a slot: then it rests, and the next one is used.
  (func (export "generations") (result i32) (local $n i32) (local $c i32)
    (loop $more
      (local.set $c (call $create (i32.const 1)))
      (call $free (local.get $c))
      (br_if $more
        (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 0x100000))))
    (local.get $c)))
"""
