(module
  (type $lib (instance
    (export "f" (func))
    (export "f" (memory 1)))))
