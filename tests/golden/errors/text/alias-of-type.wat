(module
  (import "lib" (instance $lib))
  (alias $lib "t" (type $t)))
