(module
  (module $lib (memory (export "buffer") 1))
  (instance $l (instantiate $lib))
  (alias $l "buffer" (func $buffer)))
