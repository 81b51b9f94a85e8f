;; target: mvp
(module
  (func $same (param v128) (result v128) (local.get 0)))
