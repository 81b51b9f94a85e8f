;; target: mvp
(module
  (func (export "both") (param i32) (result i32 i32) (local.get 0) (local.get 0)))
