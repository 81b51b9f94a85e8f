(module
  (func (type 3) (local $x i32)))
