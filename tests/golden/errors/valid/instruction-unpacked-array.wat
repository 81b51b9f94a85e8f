(module
  (type $numbers (array i32))
  (func (param (ref $numbers)) (result i32)
    (array.get_u $numbers (local.get 0) (i32.const 0))))
