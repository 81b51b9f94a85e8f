;; target: mvp
(module
  (memory 1)
  (func (export "clear") (v128.store (i32.const 0) (v128.const i64x2 0 0))))
