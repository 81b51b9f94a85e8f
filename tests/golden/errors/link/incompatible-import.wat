;; given: {"lib": instance('(module (func (export "f") (param i32) (result i32) (local.get 0)))')}
(module
  (import "lib" "f" (func (param i32 i64) (result i32))))
