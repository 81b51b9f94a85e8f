;; target: mvp
(module
  (global $zero v128 (v128.const i64x2 0 0)))
