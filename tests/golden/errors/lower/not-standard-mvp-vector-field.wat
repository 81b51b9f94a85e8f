;; target: mvp
(module
  (type $pixel (struct (field v128)))
  (func (export "run") (drop (struct.new_default $pixel))))
