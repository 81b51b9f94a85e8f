(module
  (@metadata.code.branch_hint "\01")
  (func (param i32)
    (if (local.get 0) (then))))
