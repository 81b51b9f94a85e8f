;; target: mvp
(module
  (import "host" "failed" (tag (param i32))))
