;; given: {"lib": watloom.Module('(module (func (export "f")))')}
(module
  (import "lib" "f" (func)))
