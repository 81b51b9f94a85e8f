(module
  (type $binary (func (param i32 i32) (result i32)))
  (type $unary (func (param i64) (result i32)))
  (func (param $f (ref $binary)) (result (ref $unary))
    (func.bind $unary (i32.const 1) (local.get $f))))
