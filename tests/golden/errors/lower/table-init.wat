(module
  (type $box (struct))
  (module $A
    (type $box (struct))
    (global (export "g") (ref $box) (struct.new $box)))
  (instance $a (instantiate $A))
  (module $B
    (type $box (struct))
    (import "g" (global $g (ref $box)))
    (table 3 (ref $box) (global.get $g)))
  (instance (instantiate $B (import "g" (global $a "g")))))
