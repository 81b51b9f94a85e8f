;; given: {"lib": instance('(module (memory (export "log") 1))')}
(module
  (import "lib" "log" (func (param i32))))
