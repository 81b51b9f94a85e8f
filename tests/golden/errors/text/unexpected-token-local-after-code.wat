(module
  (func
    nop
    (local i32)))
