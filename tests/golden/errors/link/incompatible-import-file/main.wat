(module
  (type $read (func (param i32 i32) (result i32)))
  (import "files" "open" (func $open (param i32) (result (ref $read)))))
