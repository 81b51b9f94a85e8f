(module
  (type $f (func))
  (table $objects 4 externref)
  (func
    (call_indirect $objects (type $f) (i32.const 0))))
