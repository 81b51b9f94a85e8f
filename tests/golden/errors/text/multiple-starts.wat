(module
  (func $init)
  (func $main)
  (start $init)
  (start $main))
