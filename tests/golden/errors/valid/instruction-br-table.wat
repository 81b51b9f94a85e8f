(module
  (func (param i32)
    (block $none
      (block $one (result i32)
        (br_table $none $one (i32.const 7) (local.get 0)))
      drop)))
