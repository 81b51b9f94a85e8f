(module
  (type $f (func (result i32)))
  (type $g (func (param i32) (result i32)))
  (import "env" "take" (func $take (param (ref $f))))
  (func $one (param i32) (result i32) (local.get 0))
  (elem declare func $one)
  (func (export "run")
    (call $take (func.bind $f (i32.const 1) (ref.func $one)))))
