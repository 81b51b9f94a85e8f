(module
  (func (param $x i64) (result i32)
    local.get $x))
