;; seed 1741
;;
;; instantiate:
;;   reference  exception (tag e0) at f1+488 < f5+1008
;;   wasmtime   crash (error while executing at wasm backtrace:
;;     0:     0x6c - <unknown>!f1
;;     1:     0xea - <unknown>!f5
;;
;; Caused by:
;;     thrown Wasm exception
;; )
;;
;; reference:
;;   instantiate: exception (tag e0) at f1+488 < f5+1008
;;
;; wasmtime:
;;   instantiate: crash (error while executing at wasm backtrace:
;;     0:     0x6c - <unknown>!f1
;;     1:     0xea - <unknown>!f5
;;
;; Caused by:
;;     thrown Wasm exception
;; )
(module (type $a0 (array (mut v128))) (type $t0 (func (param f64 f64) (result f32))) (type $t2 (func (param v128 v128 f64)))
  (table funcref (elem $f0 $f3 $f1))
  (tag $e0)
  (start $f5)
  (func $f0)
  (func $f1 (param f64) (param f64) (result f32) (local $r6 (ref $a0))
    (local.set $r6 (array.new_default $a0 (i32.const 6)))
    (array.set $a0
      (block (result (ref $a0))
        (try_table (result (ref $a0))
          (loop $l17 (if (i32.eq (i32.const 0) (i32.const 0)) (then (throw $e0))) (br $l17))
          (br_table 2 (f32.const nan) (i32.const 0))))
      (i32.const 1)
      (v128.const i32x4 0x11001011 0x8000 0xf8001 0xff7f7f01))
    (f32.const 0x1.2aaaaa0000000p+4))
  (func $f3)
  (func $f5 (local $x1 f32)
    (call_indirect (type $t2)
      (v128.const i64x2 0 0)
      (v128.const i64x2 0 0)
      (f64.const 0x1.4000000000000p+1)
      (i32.and
        (block $o5 (result i32)
          (block (result f32 (ref $t0) i64 (ref exn))
            (try_table (result i32)
              (call_indirect (type $t0)
                (f64.const 5.28697975888022314e-6)
                (f64.const inf)
                (i32.const 2))
              (local.set $x1)
              (i32.const 2147483647))
            (br $o5))
          (drop)
          (drop)
          (drop)
          (local.set $x1)
          (i32.const 0))
        (i32.const 0)))))
