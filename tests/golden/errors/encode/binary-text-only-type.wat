(module
  (type $m (module
    (type $lib (func))
    (export $lib))))
