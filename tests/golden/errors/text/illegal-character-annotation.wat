(module
  (@note the “first” function)
  (func))
