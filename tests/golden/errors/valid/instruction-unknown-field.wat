(module
  (type $point (struct (field $x i32) (field $y i32)))
  (func (param (ref $point)) (result i32)
    (struct.get $point 2 (local.get 0))))
