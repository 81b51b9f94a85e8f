;; given: {"env": {"memory": watloom.Memory(watloom.MemType(limits(1)))}}
(module
  (import "env" "memory" (memory 2)))
