(module
  (type $read (func (param i32) (result i32)))
  (type $write (func (param i32 i32)))
  (func (param $f (ref $write)) (result i32)
    (call_ref $read (i32.const 0) (local.get $f))))
