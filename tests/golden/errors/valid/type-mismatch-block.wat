(module
  (func (param i32) (result i32)
    (i64.add
      (if (result i32) (local.get 0)
        (then (i32.const 1))
        (else (i32.const 2)))
      (i64.const 3))
    i32.wrap_i64))
