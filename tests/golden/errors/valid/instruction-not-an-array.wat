(module
  (type $point (struct (field $x i32)))
  (func (param (ref $point)) (result i32)
    (array.get $point (local.get 0) (i32.const 0))))
