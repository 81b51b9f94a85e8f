(module
  (import "chicken" "lay" (func))
  (func (export "hatch")))
