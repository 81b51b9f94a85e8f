(module
  (global v128 (v128.const i32x4 1 2 0.5 4)))
