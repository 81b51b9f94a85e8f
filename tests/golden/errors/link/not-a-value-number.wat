;; given: {"env": {"limit": 1.5}}
(module
  (import "env" "limit" (global i32)))
