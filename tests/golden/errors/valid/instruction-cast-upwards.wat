(module
  (type $point (struct (field i32)))
  (func (param (ref null $point))
    (block $l (result anyref)
      (br_on_cast $l (ref null $point) anyref (local.get 0)))
    drop))
