(module
  (func $init)
  (func (call 4)))
