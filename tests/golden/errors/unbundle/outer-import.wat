(module $P
  (import "lib" (module $LIB))
  (module $CHILD
    (instance (instantiate (module outer $P $LIB)))))
