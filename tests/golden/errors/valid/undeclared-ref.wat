(module
  (func $callback)
  (func (result funcref)
    (ref.func $callback)))
