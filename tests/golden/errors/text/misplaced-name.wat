(module
  (func (local (@name "both") i32 i32)))
