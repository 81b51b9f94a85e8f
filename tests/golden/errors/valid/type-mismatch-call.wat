(module
  (func $area (param f64 f64) (result f64)
    (f64.mul (local.get 0) (local.get 1)))
  (func (result f64)
    (call $area (f64.const 2) (f32.const 3))))
