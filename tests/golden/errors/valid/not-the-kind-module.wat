(module
  (type $lib (instance (export "f" (func))))
  (import "lib" (module (type $lib))))
