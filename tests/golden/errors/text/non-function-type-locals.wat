(module
  (type $point (struct (field i32)))
  (func (type $point) (local $x i32)))
