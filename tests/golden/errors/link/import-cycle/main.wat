(module
  (import "chicken" "lay" (func)))
