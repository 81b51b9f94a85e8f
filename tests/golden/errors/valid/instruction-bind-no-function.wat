(module
  (type $f (func))
  (func (param i32)
    (drop (func.bind $f (local.get 0)))))
