;; Calls b, which imports it: through a table, at an index that b puts into a global.
(module $A
  (import "linkage" (instance $linkage
    (export "table" (table 1 funcref))
    (export "bar-index" (global (mut i32)))))
  (alias $linkage "table" (table))
  (type $Bar (func (param i32) (result i32)))
  (func (export "foo") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (i32.add (local.get $n)
      (call_indirect (type $Bar)
        (i32.sub (local.get $n) (i32.const 1))
        (global.get (global $linkage "bar-index"))))))
