;; proposal: +threads
;; target: mvp
(module
  (memory 1)
  (func (export "next") (result i32) (i32.atomic.load (i32.const 0))))
