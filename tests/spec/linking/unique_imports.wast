;; proposal: +unique-imports
;; The breaking change of the module-linking document on subtyping: no two imports of one name.

(assert_invalid
  (module
    (import "" "a" (func))
    (import "" "a" (func (result i32))))
  "duplicate import")
(assert_invalid
  (module
    (import "" (func))
    (import "" "a" (func)))
  "duplicate import")
(assert_invalid
  (module
    (import "" (instance))
    (import "" "a" (func)))
  "duplicate import")
(assert_invalid
  (module
    (import "" "a" (func))
    (import "" (instance)))
  "duplicate import")
(assert_invalid
  (module
    (import "" (instance))
    (import "" (instance)))
  "duplicate import")
;; In two groups, interleaved, there is no duplicate.
(module definition
  (import "a" "foo" (func))
  (import "b" "foo" (func))
  (import "a" "baz" (func)))
