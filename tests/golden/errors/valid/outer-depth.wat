(module $parent
  (module $child
    (alias outer 1 0 (type $t))))
