(module
  (func (export "caf\e9")))
