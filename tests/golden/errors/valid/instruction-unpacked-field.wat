(module
  (type $point (struct (field $x i32)))
  (func (param (ref $point)) (result i32)
    (struct.get_s $point $x (local.get 0))))
