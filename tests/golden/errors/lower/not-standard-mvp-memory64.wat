;; target: mvp
(module
  (memory i64 1))
