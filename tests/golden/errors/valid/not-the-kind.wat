(module
  (type $lib (module (export "f" (func))))
  (func (type $lib)))
