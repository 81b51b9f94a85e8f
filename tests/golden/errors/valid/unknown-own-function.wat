(module
  (func $log (param i32))
  (module $child (import "log" (func (param i32))))
  (instance $c (instantiate $child (import "log" (func $log)))))
