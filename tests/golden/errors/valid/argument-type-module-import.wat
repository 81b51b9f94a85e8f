;; A module that imports more than the type says: nobody would give it that.
(module
  (module $child (import "log" (func (param i32))) (import "random" (func (result i64))))
  (module $parent (import "child" (module (import "log" (func (param i32))))))
  (instance (instantiate $parent (import "child" (module $child)))))
