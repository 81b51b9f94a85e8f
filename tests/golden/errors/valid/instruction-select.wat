(module
  (func (param funcref funcref i32) (result funcref)
    (select (local.get 0) (local.get 1) (local.get 2))))
