(module
  (type $point (struct (field i32)))
  (func (param anyref)
    (block $l (result funcref)
      (drop (br_on_cast $l anyref (ref $point) (local.get 0)))
      (ref.null func))
    drop))
