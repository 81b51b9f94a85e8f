(module
  (memory 1)
  (import "env" "log" (func $log (param i32))))
