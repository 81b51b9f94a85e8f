(module
  (type $point (struct (field $x i32) (field $x i32))))
