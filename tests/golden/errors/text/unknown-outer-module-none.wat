(module
  (alias outer $parent $t (type $t)))
