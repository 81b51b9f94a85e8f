(module
  (table 0x1_0000_0000 funcref))
