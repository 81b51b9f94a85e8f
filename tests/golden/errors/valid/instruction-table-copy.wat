(module
  (table $functions 4 funcref)
  (table $objects 4 externref)
  (func
    (table.copy $functions $objects (i32.const 0) (i32.const 0) (i32.const 1))))
