;; given: {"env": {"print": print, "exit": exit}}
(module
  (import "env" "memory" (memory 1)))
