(module
  (func (param $a $b i32)))
