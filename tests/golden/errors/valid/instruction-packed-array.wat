(module
  (type $bytes (array i8))
  (func (param (ref $bytes)) (result i32)
    (array.get $bytes (local.get 0) (i32.const 0))))
