(module
  (@custom "notes" (after func) "kept" 42))
