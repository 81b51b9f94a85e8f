;; target: mvp
(module
  (module $A
    (memory (export "m") 1)
    (func $f (i32.store (i32.const 0) (i32.const 1)))
    (start $f))
  (instance $a (instantiate $A))
  (alias $a "m" (memory))
  (data (i32.const 0) "x"))
