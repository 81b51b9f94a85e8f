(module
  (type $point (struct (field $x i32)))
  (func (param $p anyref) (result i32)
    (struct.get $point $x (local.get $p))))
