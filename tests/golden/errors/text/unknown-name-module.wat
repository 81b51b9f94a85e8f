(module
  (module $child)
  (instance $c (instantiate $chld)))
