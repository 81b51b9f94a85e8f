(module
  (import "../secret" "f" (func)))
