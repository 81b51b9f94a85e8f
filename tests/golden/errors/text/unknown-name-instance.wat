(module
  (module $child (func (export "f")))
  (instance $c (instantiate $child))
  (alias $d "f" (func $f)))
