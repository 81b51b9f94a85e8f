(module
  (@custom))
