(module
  (func (param $x i32) (local $x i64)))
