(module
  (func (param v128 v128) (result v128)
    (i8x16.shuffle 0 1 2 3 (local.get 0) (local.get 1))))
