(module
  (func $double (param $x i32) (result i32)
    (i32.add (local.get $x) (local.get $x)))
