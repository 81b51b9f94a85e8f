(module $P
  (type $Files (instance))
  (import "lib" (module
    (export $Files))))
