;; seed 1836
;;
;; instantiate:
;;   reference  exception (tag e0) at f0+325 < f2+567
;;   wasmtime   crash (error while executing at wasm backtrace:
;;     0:     0x4e - <unknown>!f0
;;     1:     0x6d - <unknown>!f2
;;
;; Caused by:
;;     thrown Wasm exception
;; )
;;
;; reference:
;;   instantiate: exception (tag e0) at f0+325 < f2+567
;;
;; wasmtime:
;;   instantiate: crash (error while executing at wasm backtrace:
;;     0:     0x4e - <unknown>!f0
;;     1:     0x6d - <unknown>!f2
;;
;; Caused by:
;;     thrown Wasm exception
;; )
(module (type $t0 (func (param i64) (result i64))) (type $t1 (func (param i32 i64) (result i32)))
  (tag $e0)
  (start $f2)
  (func $f0 (export "f0") (param i64) (result i64) (local $n3 (ref exn))
    (block $o4 (result i64)
      (block (result (ref func) (ref exn))
        (try_table (result i64) (if (i32.const 7) (then (throw $e0))) (i64.const 0))
        (br $o4))
      (local.set $n3)
      (drop)
      (i64.const 8)))
  (func $f1 (export "f1") (param i32) (param i64) (result i32) (i32.const 0))
  (func $f2 (local $x1 i32)
    (call_ref $t1 (i32.const 0) (call_ref $t0 (i64.const 0) (ref.func $f0)) (ref.func $f1))
    (local.set $x1)))
