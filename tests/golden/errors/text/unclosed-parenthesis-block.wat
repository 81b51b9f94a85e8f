(module
  (func (param i32)
    loop $again
      local.get 0
      br_if $again
