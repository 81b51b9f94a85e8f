(module
  (type $shape (sub (struct (field $x i32))))
  (type $circle (sub $shape (struct (field $x i64) (field $r f64)))))
