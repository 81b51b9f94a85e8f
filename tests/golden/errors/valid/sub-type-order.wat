(module
  (rec
    (type $circle (sub $shape (struct (field $x i32))))
    (type $shape (sub (struct (field $x i32))))))
