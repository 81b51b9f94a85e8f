(module
  (func (result i32)
    (i32.const 4_294_967_296)))
