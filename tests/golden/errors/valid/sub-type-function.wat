(module
  (type $read (sub (func (param i32) (result anyref))))
  (type $read_text (sub $read (func (param i32) (result externref)))))
