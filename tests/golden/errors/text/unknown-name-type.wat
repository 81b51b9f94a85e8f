(module
  (type $point (struct (field $x i32)))
  (func (param (ref $pont))))
