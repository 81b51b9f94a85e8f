;; target: mvp
(module
  (memory 1)
  (func (export "clear")
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 100))))
