(module
  (func (call $x)))
