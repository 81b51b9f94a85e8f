(module
  (module $fs (func (export "close") (param i32)))
  (instance $fs (instantiate $fs))
  (module $child
    (import "fs" (instance
      (export "close" (func (param i32)))
      (export "read" (func (param i64 i32) (result i32))))))
  (instance $c (instantiate $child (import "fs" (instance $fs)))))
