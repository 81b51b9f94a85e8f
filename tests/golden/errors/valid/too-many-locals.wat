;; where MANY is 50001 times i32
(module
  (func (local MANY)))
