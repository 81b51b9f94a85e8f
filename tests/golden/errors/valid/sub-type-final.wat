(module
  (type $shape (struct (field $x i32)))
  (type $circle (sub $shape (struct (field $x i32) (field $r f64)))))
