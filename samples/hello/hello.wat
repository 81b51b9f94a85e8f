;; Two functions that can be called by name: all that a module needs to be of use.
(module
  ;; Sums wrap round: an i32 has 32 bits.
  (func (export "add") (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (local.get $b)))

  ;; n! for n from 0 to 20; the factorial of 21 no longer fits into 64 bits.
  (func $factorial (export "factorial") (param $n i64) (result i64)
    (if (result i64) (i64.le_u (local.get $n) (i64.const 1))
      (then (i64.const 1))
      (else
        (i64.mul
          (local.get $n)
          (call $factorial (i64.sub (local.get $n) (i64.const 1))))))))
