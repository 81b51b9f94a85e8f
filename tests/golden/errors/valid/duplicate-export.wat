(module
  (func (export "run"))
  (func $other)
  (export "run" (func $other)))
