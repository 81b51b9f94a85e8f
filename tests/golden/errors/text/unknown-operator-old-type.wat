(module
  (table 4 anyfunc))
