;; Imports a and is called by it. What both need to find one another lies in an instance that is
;; made before either: an instance can be given nothing of the module that makes it.
(module $B
  (type $Linkage (instance
    (export "table" (table 1 funcref))
    (export "bar-index" (global (mut i32)))))
  (import "a" (module $A
    (import "linkage" (instance (type outer $B $Linkage)))
    (export "foo" (func (param i32) (result i32)))))
  (module $LINKAGE
    (table (export "table") 1 funcref)
    (global (export "bar-index") (mut i32) (i32.const -1)))
  (instance $linkage (instantiate $LINKAGE))
  (instance $a (instantiate $A (import "linkage" (instance $linkage))))

  (elem (table $linkage "table") (i32.const 0) func $bar)
  (func $start (global.set (global $linkage "bar-index") (i32.const 0)))
  (start $start)

  (func $bar (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (i32.add (local.get $n) (call (func $a "foo") (i32.sub (local.get $n) (i32.const 1)))))

  ;; The sum of the numbers up to $n, each half of them added by one of the two.
  (func (export "run") (param $n i32) (result i32)
    (call (func $a "foo") (local.get $n))))
