(module
  (func
    (@custom "notes" "")))
