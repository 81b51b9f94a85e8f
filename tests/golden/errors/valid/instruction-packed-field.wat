(module
  (type $pixel (struct (field $red i8)))
  (func (param (ref $pixel)) (result i32)
    (struct.get $pixel $red (local.get 0))))
