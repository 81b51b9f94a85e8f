(module
  (@custom "notes" (after functions) ""))
