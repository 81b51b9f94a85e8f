(module
  (func (param $celsius i32) (result f64)
    (f64.add (local.get $celsius) (f64.const 273.15))))
