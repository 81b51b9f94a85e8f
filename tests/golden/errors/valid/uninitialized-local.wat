(module
  (func (param $condition i32) (param $default funcref) (local $callback (ref func))
    (if (local.get $condition)
      (then (local.set $callback (ref.as_non_null (local.get $default)))))
    (drop (local.get $callback))))
