(module
  (import "egg" "hatch" (func))
  (func (export "lay")))
