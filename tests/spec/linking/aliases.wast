;; Items of instances and of outer modules, in every place and spelling.

(module $lib
  (func (export "f") (result i32) (i32.const 1))
  (table (export "t") 3 funcref)
  (memory (export "m") 1)
  (global (export "g") (mut i32) (i32.const 4))
  (tag (export "e") (param i32)))
(register "lib" $lib)

;; Inline, wherever an index may stand.
(module
  (import "lib" (instance $lib
    (export "f" (func (result i32)))
    (export "t" (table 3 funcref))
    (export "m" (memory 1))
    (export "g" (global (mut i32)))
    (export "e" (tag (param i32)))))
  (elem (table $lib "t") (i32.const 1) func (func $lib "f"))
  (data (memory $lib "m") (i32.const 8) "\07")
  (export "again" (func $lib "f"))
  (type $r (func (result i32)))
  (func (export "call") (result i32) (call (func $lib "f")))
  (func (export "call_indirect") (result i32)
    (call_indirect (table $lib "t") (type $r) (i32.const 1)))
  (func (export "load") (result i32) (i32.load8_u (memory $lib "m") (i32.const 8)))
  (func (export "global") (param i32) (result i32)
    (global.set (global $lib "g") (local.get 0))
    (global.get (global $lib "g")))
  (func (export "throw") (result i32)
    (block $h (result i32)
      (try_table (catch (tag $lib "e") $h) (throw (tag $lib "e") (i32.const 9)))
      (unreachable))))
(assert_return (invoke "again") (i32.const 1))
(assert_return (invoke "call") (i32.const 1))
(assert_return (invoke "call_indirect") (i32.const 1))
(assert_return (invoke "load") (i32.const 7))
(assert_return (invoke "global" (i32.const 5)) (i32.const 5))
(assert_return (invoke "throw") (i32.const 9))

;; Inverted.
(module
  (import "lib" (instance $lib
    (export "f" (func (result i32)))
    (export "t" (table 3 funcref))
    (export "m" (memory 1))
    (export "g" (global (mut i32)))))
  (func $f (export "f") (alias $lib "f"))
  (table $t (export "t") (alias $lib "t"))
  (memory $m (alias $lib "m"))
  (global $g (alias $lib "g"))
  (func (export "run") (result i32 i32)
    (table.size $t)
    (i32.load8_u $m (i32.const 8))))
(assert_return (invoke "f") (i32.const 1))
(assert_return (invoke "run") (i32.const 3) (i32.const 7))

;; A module and its sibling: modules of outer modules, by name, by number, in place.
(module $TOP
  (type $I (func (result i32)))
  (module $A (func (export "a") (result i32) (i32.const 3)))
  (module $B
    (alias outer $TOP $A (module $A1))
    (alias outer 0 0 (module $A2))
    (module $A3 (alias outer $TOP $A))
    (instance $i (instantiate $A1))
    (instance $j (instantiate $A2))
    (instance $k (instantiate $A3))
    (instance $l (instantiate (module outer $TOP $A)))
    (module $C
      (type $own (alias outer $TOP $I))
      (import "x" (func $x (type outer $TOP $I)))
      (instance $m (instantiate (module outer 1 $A)))
      (func (export "c") (type $own) (i32.add (call $x) (call (func $m "a")))))
    (instance $n (instantiate $C (import "x" (func $i "a"))))
    (func (export "sum") (result i32)
      (i32.add (call (func $i "a"))
        (i32.add (call (func $j "a"))
          (i32.add (call (func $k "a"))
            (i32.add (call (func $l "a")) (call (func $n "c"))))))))
  (instance $b (instantiate $B))
  (export $b))
(assert_return (invoke "sum") (i32.const 18))

;; A module value closes over what it aliases: instantiated elsewhere it still has it.
(module $maker
  (module $SECRET (func (export "s") (result i32) (i32.const 77)))
  (module $OPEN
    (alias outer 0 $SECRET (module $S))
    (instance $s (instantiate $S))
    (export $s))
  (export "OPEN" (module $OPEN)))
(register "maker" $maker)
(module
  (import "maker" "OPEN" (module $M (export "s" (func (result i32)))))
  (instance $i (instantiate $M))
  (export $i))
(assert_return (invoke "s") (i32.const 77))

;; What is wrong with an alias.
(assert_invalid
  (module (import "lib" (instance $lib)) (alias $lib "f" (func)))
  "")
(assert_invalid
  (module (import "lib" (instance $lib (export "f" (func)))) (alias $lib "f" (memory)))
  "")
(assert_malformed
  (module quote "(import \"lib\" (instance $lib)) (alias $nope \"f\" (func))")
  "unknown instance $nope")
(assert_malformed
  (module quote "(module $P (func $f) (module (alias outer $P $f (func))))")
  "")
