(module
  (type $lib (instance
    (import "env" "log" (func))
    (export "f" (func)))))
