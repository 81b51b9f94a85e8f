(module
  (global $counter mut i32 (i32.const 0)))
