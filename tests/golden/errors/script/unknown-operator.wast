(module (func (export "f") (result i32) (i32.const 1)))
(assert_returns (invoke "f") (i32.const 1))
