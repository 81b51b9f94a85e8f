(module
  (export main (func 0))
  (func))
