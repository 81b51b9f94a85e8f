(module
  (func (param i32 i32) (result i32)
    (i32.ad (local.get 0) (local.get 1))))
