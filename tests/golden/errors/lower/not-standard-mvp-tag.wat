;; target: mvp
(module
  (module $M (tag (export "failed") (param i32)))
  (instance (instantiate $M)))
