(module
  (type $functions (array funcref))
  (data $bytes "\01\02")
  (func (result (ref $functions))
    (array.new_data $functions $bytes (i32.const 0) (i32.const 1))))
