;; given: {"m": elsewhere('(module $outer (module $inner) (export "m" (module $inner)))').exports.m}
(module
  (import "m" (module)))
