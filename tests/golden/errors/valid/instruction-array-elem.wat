(module
  (type $functions (array funcref))
  (elem $objects externref (ref.null extern))
  (func (result (ref $functions))
    (array.new_elem $functions $objects (i32.const 0) (i32.const 1))))
