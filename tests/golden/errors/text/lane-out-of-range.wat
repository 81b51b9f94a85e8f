(module
  (func (param v128) (result i32)
    (i8x16.extract_lane_s 256 (local.get 0))))
