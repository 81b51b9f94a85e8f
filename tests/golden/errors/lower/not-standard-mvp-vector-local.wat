;; target: mvp
(module
  (func (export "run") (local $sum v128)))
