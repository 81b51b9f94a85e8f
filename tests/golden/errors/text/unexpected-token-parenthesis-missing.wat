(module
  (func $double (param $x i32) (result i32)
    (i32.add (local.get $x) (local.get $x))

  (func (export "run") (result i32)
    (call $double (i32.const 21))))
