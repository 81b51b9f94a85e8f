;; target: mvp
(module
  (import "host" "log" (func $log (param i32)))
  (import "host" "keep" (func $keep (param externref)))
  (func (export "run") (call $keep (ref.null extern))))
