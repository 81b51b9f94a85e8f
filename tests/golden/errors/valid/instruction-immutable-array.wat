(module
  (type $bytes (array i8))
  (func (param (ref $bytes))
    (array.set $bytes (local.get 0) (i32.const 0) (i32.const 1))))
