(module
  (import "lib" (instance $lib (export "f" (func))))
  (export $lib))
