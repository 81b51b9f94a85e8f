(module $m
  (type $a (instance (export "f" (func))))
  (type $b (instance (alias outer $m $a (type $t)) (export $t) (export $t) (export $t) (export $t)))
  (type $c (instance (alias outer $m $b (type $t)) (export $t) (export $t) (export $t) (export $t)))
  (type $d (instance (alias outer $m $c (type $t)) (export $t) (export $t) (export $t) (export $t)))
  (type $e (instance (alias outer $m $d (type $t)) (export $t) (export $t) (export $t) (export $t)))
  (type $f (instance (alias outer $m $e (type $t)) (export $t) (export $t) (export $t) (export $t)))
  (type $g (instance (alias outer $m $f (type $t)) (export $t) (export $t) (export $t) (export $t)))
  (type $h (instance (alias outer $m $g (type $t)) (export $t) (export $t) (export $t) (export $t))))
