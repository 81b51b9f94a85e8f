(module
  (func $f)
  (table $objects 4 externref)
  (elem (table $objects) (i32.const 0) func $f))
