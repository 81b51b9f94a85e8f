(module
  (func (param (ref (exact 0)))))
