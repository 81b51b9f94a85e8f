(module
  (table $functions 4 funcref)
  (elem $objects externref (ref.null extern))
  (func
    (table.init $functions $objects (i32.const 0) (i32.const 0) (i32.const 1))))
