(module
  (global $next (mut i32) (i32.const 0))
  (global $first i32 (global.get $next)))
