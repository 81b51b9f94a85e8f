(module
  (func $ (param i32)))
