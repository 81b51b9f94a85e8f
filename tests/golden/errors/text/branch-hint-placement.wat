(module
  (func (param i32)
    (if (local.get 0) (then))
    (@metadata.code.branch_hint "\01")))
