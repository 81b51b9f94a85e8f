(module
  (type $point (struct (field $x i32)))
  (func (param (ref $point))
    (struct.set $point $x (local.get 0) (i32.const 1))))
