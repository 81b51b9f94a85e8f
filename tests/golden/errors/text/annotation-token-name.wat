(module
  (func $f (@name "first" "second")))
