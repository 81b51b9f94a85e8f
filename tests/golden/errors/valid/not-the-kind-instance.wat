(module
  (type $lib (module (export "f" (func))))
  (import "lib" (instance (type $lib))))
