(module $parent
  (func $f)
  (module
    (alias outer $parent $f (func $f))))
