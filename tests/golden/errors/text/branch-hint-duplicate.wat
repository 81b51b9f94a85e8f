(module
  (func (param i32)
    (@metadata.code.branch_hint "\01")
    (@metadata.code.branch_hint "\00")
    (if (local.get 0) (then))))
