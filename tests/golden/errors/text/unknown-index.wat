(module
  (type $t (func (param i32)))
  (func (type 3) (param i32)))
