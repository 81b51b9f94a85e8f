(module
  (func (param funcref)
    (block $l
      (br_on_non_null $l (local.get 0)))))
