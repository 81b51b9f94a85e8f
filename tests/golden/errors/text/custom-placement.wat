(module
  (@custom "notes" (behind func) ""))
