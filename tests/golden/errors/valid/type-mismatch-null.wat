(module
  (type $point (struct (field $x i32)))
  (func $norm (param (ref $point)))
  (func (param $p (ref null $point))
    (call $norm (local.get $p))))
