(module
  (module $M (func (export "f")))
  (instance $i (instantiate $M))
  (export "i" (instance $i)))
