(module
  (import "wasi" "files" (instance (export "read" (func)))))
