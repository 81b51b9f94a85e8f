(module
  (func $log)
  (func (call log)))
