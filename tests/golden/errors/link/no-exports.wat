;; given: {"env": print}
(module
  (import "env" "log" (func (param i32))))
