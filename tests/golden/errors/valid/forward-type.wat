(module
  (type $file (struct (field $read (ref $read))))
  (type $read (func (param (ref $file)))))
