(module
  (memory 1)
  (func $store (param $address i32) (param $value i64)
    (i32.store (local.get $address) (local.get $value))))
