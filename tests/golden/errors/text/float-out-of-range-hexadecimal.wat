(module
  (global f32 (f32.const 0x1p128)))
