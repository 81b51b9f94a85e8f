(module
  (type $read (func))
  (type $file (struct (field $read (ref $read))))
  (func (param $f (ref $file)) (result (ref $read))
    (struct.get $read $read (local.get $f))))
