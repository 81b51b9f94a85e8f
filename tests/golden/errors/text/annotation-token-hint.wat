(module
  (func (param i32)
    (@metadata.code.branch_hint likely)
    (if (local.get 0) (then))))
