(module
  (func (call 4_294_967_296)))
