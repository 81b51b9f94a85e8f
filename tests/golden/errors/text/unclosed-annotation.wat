(module
  (@custom "notes"
  (func)
