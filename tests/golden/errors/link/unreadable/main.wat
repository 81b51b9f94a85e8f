;; unreadable: lib.wat
(module
  (import "lib" "f" (func)))
