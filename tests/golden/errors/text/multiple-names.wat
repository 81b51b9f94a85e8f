(module
  (func $f (@name "one")
    (@name "two")))
