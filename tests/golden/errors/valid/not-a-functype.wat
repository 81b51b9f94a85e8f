(module
  (type $point (struct (field i32)))
  (func (param (ref null $point))
    (call_ref $point (local.get 0))))
