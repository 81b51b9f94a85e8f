(module
  (memory i64 0x1_0000_0000_0000_0000))
