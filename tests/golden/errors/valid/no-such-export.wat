(module
  (module $lib (func (export "print")))
  (instance $l (instantiate $lib))
  (alias $l "prnt" (func $print)))
