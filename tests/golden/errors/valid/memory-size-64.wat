(module
  (memory i64 0 0x1_0000_0000_0001))
