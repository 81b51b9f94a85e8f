(module
  (table 4 (ref func)))
