(module
  (import "fs" (instance $fs
    (export "read" (func (param i32 i32) (result i32)))
    (export "close" (func (param i32)))))
  (module $child
    (import "fs" (instance
      (export "close" (func (param i32)))
      (export "read" (func (param i64 i32) (result i32))))))
  (instance $c (instantiate $child (import "fs" (instance $fs)))))
