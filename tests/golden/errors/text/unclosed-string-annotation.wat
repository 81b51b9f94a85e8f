(module
  (@name "first)
  (func))
