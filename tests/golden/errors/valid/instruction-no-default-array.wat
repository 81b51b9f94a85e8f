(module
  (type $functions (array (ref func)))
  (func (result (ref $functions))
    (array.new_default $functions (i32.const 4))))
