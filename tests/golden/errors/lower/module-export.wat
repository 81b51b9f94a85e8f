(module
  (module $M)
  (export "M" (module $M)))
