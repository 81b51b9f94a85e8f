;; target: mvp
(module
  (table (export "functions") 2 funcref)
  (func (export "clear") (table.set (i32.const 0) (ref.null func))))
