(module
  (func (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.const 1)))))
