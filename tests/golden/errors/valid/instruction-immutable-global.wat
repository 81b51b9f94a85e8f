(module
  (global $limit i32 (i32.const 10))
  (func (global.set $limit (i32.const 11))))
