(module
  (import "wasi" (instance
    (export "files" (instance (export "read" (func)))))))
