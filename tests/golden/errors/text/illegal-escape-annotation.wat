(module
  (@note "a \q"))
