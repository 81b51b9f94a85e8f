(module
  (func (@name first)))
