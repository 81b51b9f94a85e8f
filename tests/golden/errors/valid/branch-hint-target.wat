(module
  (func (param i32) (result i32)
    (@metadata.code.branch_hint "\01")
    (i32.eqz (local.get 0))))
