(module
  (func (print)))
