;; given: {"env": {"log": "print"}}
(module
  (import "env" "log" (func (param i32))))
