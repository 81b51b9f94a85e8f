;; proposal: -module-linking
(module
  (import "lib" "f" (instance)))
