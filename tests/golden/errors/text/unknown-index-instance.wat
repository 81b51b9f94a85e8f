(module
  (func (call (func 3 "f"))))
