;; Without unique-imports the same names are valid, and each import is found by itself, in order.

(module $a (func (export "f") (result i32) (i32.const 1)))
(register "a" $a)
(module
  (import "a" "f" (func $one (result i32)))
  (import "a" "f" (func $two (result i32)))
  (func (export "sum") (result i32) (i32.add (call $one) (call $two))))
(assert_return (invoke "sum") (i32.const 2))
(module
  (import "a" (instance $i (export "f" (func (result i32)))))
  (import "a" "f" (func $f (result i32)))
  (import "a" (instance $j))
  (func (export "sum") (result i32) (i32.add (call (func $i "f")) (call $f))))
(assert_return (invoke "sum") (i32.const 2))
