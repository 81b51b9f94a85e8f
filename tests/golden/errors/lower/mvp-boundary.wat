;; target: mvp
(module
  (type $fd (struct (field i32)))
  (func (export "open") (result (ref $fd)) (struct.new $fd (i32.const 1))))
