(module
  (tag $full (param i32 i64))
  (func
    (block $none
      (try_table (catch $full $none)))))
