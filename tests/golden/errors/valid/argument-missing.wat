(module
  (module $child (import "log" (func (param i32))))
  (instance $c (instantiate $child)))
