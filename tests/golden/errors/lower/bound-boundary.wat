(module
  (type $f (func (result i32)))
  (type $g (func (param i32) (result i32)))
  (func $one (param i32) (result i32) (local.get 0))
  (elem declare func $one)
  (func (export "run") (result (ref $f))
    (func.bind $f (i32.const 1) (ref.func $one))))
