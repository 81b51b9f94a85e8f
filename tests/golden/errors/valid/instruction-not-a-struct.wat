(module
  (type $bytes (array i8))
  (func (param (ref $bytes)) (result i32)
    (struct.get $bytes 0 (local.get 0))))
