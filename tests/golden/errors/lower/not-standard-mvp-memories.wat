;; target: mvp
(module
  (module $M (memory (export "m") 1))
  (instance $a (instantiate $M))
  (instance $b (instantiate $M)))
