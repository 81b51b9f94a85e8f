;; target: mvp
(module
  (memory 65530)
  (type $pair (struct (field i32 i32)))
  (func (export "run") (drop (struct.new_default $pair))))
