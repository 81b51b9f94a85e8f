(module
  (type $binary (func (param i32 i32) (result i32)))
  (func (type $binary) (param i32) (result i32)
    (local.get 0)))
