;; target: mvp
(module
  (memory (export "memory") 1)
  (type $pair (struct (field i32 i32)))
  (func (export "sum") (param i32) (result i32)
    (local $p (ref $pair))
    (local.set $p (struct.new $pair (local.get 0) (i32.const 2)))
    (i32.add (struct.get $pair 0 (local.get $p)) (struct.get $pair 1 (local.get $p)))))
