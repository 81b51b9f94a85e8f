(module
  (import "env""log" (func)))
