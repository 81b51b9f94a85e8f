(module $parent
  (module $child
    (alias outer $parent 3 (type $t))))
