;; Every example of the module-linking document on subtyping.  `A ≤ B` is tried by giving a thing of
;; type A to a module that imports a B.

;; ---- Instances

;; (instance) ≤ (instance)
(module definition
  (import "a" (instance $a))
  (module $B (import "b" (instance)))
  (instance (instantiate $B (import "b" (instance $a)))))

;; (instance (export "" (func))) ≤ (instance), and not the other way round
(module definition
  (import "a" (instance $a (export "" (func))))
  (module $B (import "b" (instance)))
  (instance (instantiate $B (import "b" (instance $a)))))
(assert_invalid
  (module
    (import "a" (instance $a))
    (module $B (import "b" (instance (export "" (func)))))
    (instance (instantiate $B (import "b" (instance $a)))))
  "incompatible argument")

;; (instance (export "" (instance (export "e" (func))))) ≤ (instance (export "" (instance)))
(module definition
  (import "a" (instance $a (export "" (instance (export "e" (func))))))
  (module $B (import "b" (instance (export "" (instance)))))
  (instance (instantiate $B (import "b" (instance $a)))))
(assert_invalid
  (module
    (import "a" (instance $a (export "" (instance))))
    (module $B (import "b" (instance (export "" (instance (export "e" (func)))))))
    (instance (instantiate $B (import "b" (instance $a)))))
  "incompatible argument")

;; Order does not matter.
(module definition
  (import "a" (instance $a (export "1" (func)) (export "2" (func (param i32)))))
  (module $B (import "b" (instance (export "2" (func (param i32))) (export "1" (func)))))
  (instance (instantiate $B (import "b" (instance $a)))))

;; ---- How two-level imports are read

(module $a (func (export "foo")) (func (export "baz")))
(module $b (func (export "bar")))
(register "a" $a)
(register "b" $b)
(module $two
  (import "a" "foo" (func))
  (import "b" "bar" (func))
  (import "a" "baz" (func)))
(module $one
  (import "a" (instance
    (export "foo" (func))
    (export "baz" (func))))
  (import "b" (instance
    (export "bar" (func)))))
;; They have one type: each fits where the other is wanted.
(module definition
  (module $two
    (import "a" "foo" (func))
    (import "b" "bar" (func))
    (import "a" "baz" (func)))
  (module $one
    (import "a" (instance (export "foo" (func)) (export "baz" (func))))
    (import "b" (instance (export "bar" (func)))))
  (module $takes_one (import "m" (module
    (import "a" (instance (export "foo" (func)) (export "baz" (func))))
    (import "b" (instance (export "bar" (func)))))))
  (module $takes_two (import "m" (module
    (import "a" "foo" (func))
    (import "b" "bar" (func))
    (import "a" "baz" (func)))))
  (instance (instantiate $takes_one (import "m" (module $two))))
  (instance (instantiate $takes_one (import "m" (module $one))))
  (instance (instantiate $takes_two (import "m" (module $two))))
  (instance (instantiate $takes_two (import "m" (module $one)))))

;; ---- Modules

;; (module) ≤ (module)
(module definition
  (module $A)
  (module $B (import "b" (module)))
  (instance (instantiate $B (import "b" (module $A)))))

;; (module) ≤ (module (import "" (instance))), and not the other way round
(module definition
  (module $A)
  (module $B (import "b" (module (import "" (instance)))))
  (instance (instantiate $B (import "b" (module $A)))))
(assert_invalid
  (module
    (module $A (import "" (instance)))
    (module $B (import "b" (module)))
    (instance (instantiate $B (import "b" (module $A)))))
  "incompatible argument")

;; (module (import "" (instance))) ≤ (module (import "" (instance (export "e" (func)))))
(module definition
  (module $A (import "" (instance)))
  (module $B (import "b" (module (import "" (instance (export "e" (func)))))))
  (instance (instantiate $B (import "b" (module $A)))))
(assert_invalid
  (module
    (module $A (import "" (instance (export "e" (func)))))
    (module $B (import "b" (module (import "" (instance)))))
    (instance (instantiate $B (import "b" (module $A)))))
  "incompatible argument")

;; Exports are covariant: more of them fit, fewer do not.
(module definition
  (module $A (func (export "1")) (func (export "2")))
  (module $B (import "b" (module (export "2" (func)))))
  (instance (instantiate $B (import "b" (module $A)))))
(assert_invalid
  (module
    (module $A (func (export "1")))
    (module $B (import "b" (module (export "1" (func)) (export "2" (func)))))
    (instance (instantiate $B (import "b" (module $A)))))
  "incompatible argument")

;; ---- Instantiation

;; An import of an instance must be given an instance, also where it is written with two levels.
(module
  (module $F (func (export "foo") (result i32) (i32.const 9)))
  (instance $f (instantiate $F))
  (module $A (import "a" "foo" (func $foo (result i32))) (export "foo" (func $foo)))
  (instance $i (instantiate $A (import "a" (instance $f))))
  (export $i))
(assert_return (invoke "foo") (i32.const 9))
(assert_invalid
  (module
    (import "a" "foo" (func $foo (result i32)))
    (module $A (import "a" "foo" (func (result i32))))
    (instance $i (instantiate $A (import "a" (func $foo)))))
  "incompatible argument")
