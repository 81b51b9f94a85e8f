(module $parent
  (module $child
    (alias outer $parent $t (type $t)))
  (type $t (func)))
