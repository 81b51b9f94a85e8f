(module
  (type $callback))
