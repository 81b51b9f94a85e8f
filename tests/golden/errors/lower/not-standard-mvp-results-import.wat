;; target: mvp
(module
  (import "host" "both" (func (result i32 i32))))
