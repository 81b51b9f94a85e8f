(module
  (type $point (struct (field i32)))
  (func (type $point) (param i32)))
