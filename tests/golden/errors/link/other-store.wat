;; given: {"lib": {"f": elsewhere('(module (func (export "f")))').exports.f}}
(module
  (import "lib" "f" (func)))
