;; target: mvp
(module
  (import "env" "memory" (memory 1))
  (data $greeting "hello")
  (func (export "greet") (param $length i32)
    (memory.init $greeting (i32.const 0) (i32.const 0) (local.get $length))))
