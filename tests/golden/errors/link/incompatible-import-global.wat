;; given: {"lib": instance('(module (global (export "counter") i32 (i32.const 0)))')}
(module
  (import "lib" "counter" (global (mut i32))))
