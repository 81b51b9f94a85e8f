;; proposal: +unique-imports
(module
  (import "env" "log" (func $log_number (param i32)))
  (import "env" "log" (func $log_float (param f64))))
