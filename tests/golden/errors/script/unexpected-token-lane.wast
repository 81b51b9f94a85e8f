(module (func (export "f") (result v128) (v128.const i64x2 1 2)))
(assert_return (invoke "f") (v128.const i64x2 1 nan:canonical))
