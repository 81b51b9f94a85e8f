(module
  (type $bytes (array (mut i8)))
  (type $numbers (array (mut i32)))
  (func (param (ref $bytes) (ref $numbers))
    (array.copy $bytes $numbers
      (local.get 0) (i32.const 0) (local.get 1) (i32.const 0) (i32.const 4))))
