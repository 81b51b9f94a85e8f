(module
  (module $inner (@custom "in the inner one" "x") (func (export "f") (param i64) (result i64) (local.get 0)))
  (instance $i (instantiate $inner))
  (memory $m 100 200 (pagesize 1))
  (tag $t (param i32))
  (type $whole (func (param i64) (result i64)))
  (type $bound (func (result i64)))
  (func $call (export "call") (param i64) (result i64) (call (func $i "f") (local.get 0)))
  (elem declare func $call)
  (func (export "wide") (param i64 i64) (result i64 i64)
    (i64.add128 (local.get 0) (local.get 1) (i64.const 1) (i64.const -1)))
  (func (export "legacy") (param i32) (result i32)
    (try $l (result i32)
      (do (throw $t (local.get 0)))
      (catch $t (i32.add (i32.const 1)))
      (catch_all (rethrow $l))))
  (func (export "bound") (result i64)
    (call_ref $bound (func.bind (type $bound) (i64.const 5) (ref.func $call))))
  (func (export "let") (result i32)
    i32.const 7
    let (result i32) (local $x i32)
      local.get $x
    end
    i32.load8_u))
