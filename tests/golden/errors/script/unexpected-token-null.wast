(module (type $t (struct)) (func (export "f") (param (ref null $t))))
(assert_return (invoke "f" (ref.null $t)))
