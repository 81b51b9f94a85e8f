(module
  (type $point (struct (field $x i32) (field $y i32)))
  (func (param $p (ref $point)) (result i32)
    (struct.get $point $z (local.get $p))))
