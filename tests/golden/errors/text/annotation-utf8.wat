(module
  (func (@name "caf\e9")))
