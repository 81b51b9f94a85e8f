(module
  (type $unary (func (param i32) (result i32)))
  (type $binary (func (param i32 i32) (result i32)))
  (func (param $f (ref $unary)) (result (ref $binary))
    (func.bind $binary (local.get $f))))
