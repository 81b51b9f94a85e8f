(module
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (elem declare func $add)
  (func (drop (func.bind (i32.const 1) (ref.func $add)))))
