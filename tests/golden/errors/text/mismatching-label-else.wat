(module
  (func (param i32)
    local.get 0
    if
      nop
    else $other
      nop
    end))
