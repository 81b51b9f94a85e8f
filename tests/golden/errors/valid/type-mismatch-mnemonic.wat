(module
  (func (param $x i32) (result i32)
    (i32.add
      (local.get $x)
      (i64.extend_i32_s (local.get $x)))))
