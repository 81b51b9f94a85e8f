;; proposal: +threads
(module
  (memory 1 2 shared)
  (func (result i32)
    (i32.atomic.load align=2 (i32.const 0))))
