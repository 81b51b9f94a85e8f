(module $parent
  (type $t (func))
  (module $child
    (type $u (alias outer $grandparent $t))))
