(module
  (func $add (param i32 i32)
    (i32.add (local.get 0) (local.get 1))))
