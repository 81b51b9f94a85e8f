(func (export "名前 é é") (nopp))
