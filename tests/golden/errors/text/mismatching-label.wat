(module
  (func (param i32)
    block $outer
      local.get 0
      if $inner
        nop
      end $outer
    end))
