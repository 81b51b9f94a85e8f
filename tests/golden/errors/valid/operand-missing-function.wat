(module
  (func $answer (result i32)
    nop))
