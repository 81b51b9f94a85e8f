(module
  (@custom "notes" (after func code)))
