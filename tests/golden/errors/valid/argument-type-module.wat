(module
  (module $lib (import "log" (func (param i32))))
  (module $child
    (import "lib" (module (import "log" (func (param i64))))))
  (instance $c (instantiate $child (import "lib" (module $lib)))))
