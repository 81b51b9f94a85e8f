(module
  (func $add (param i32 i32) (result i32)
    ...))
