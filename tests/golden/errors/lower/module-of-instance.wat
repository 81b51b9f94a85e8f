(module
  (import "lib" "M" (module (export "f" (func)))))
