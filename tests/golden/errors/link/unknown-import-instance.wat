;; given: {"fs": {"read": len}}
(module
  (import "fs" (instance
    (export "raed" (func (param i32) (result i32))))))
