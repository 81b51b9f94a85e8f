(module
  (type $f (func))
  (import "lib" (instance
    (export "run" (instance (export "f" (func (type $f))))))))
