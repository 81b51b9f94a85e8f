(module
  (func (param i32) (result i32)
    i32.const $x))
