(module
  (global $limit i64 (i32.const 1000)))
