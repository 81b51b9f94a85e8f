(module
  (type $objects (sub (array (mut anyref))))
  (type $points (sub $objects (array (mut structref)))))
