(module
  (memory 1)
  (data (i32.const 0) "not a character: \u{d800}"))
