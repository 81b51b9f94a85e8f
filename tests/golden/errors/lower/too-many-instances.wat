;; Each instance of $M1 makes two of $M0, and so on: 2^14 of them.
(module
  (module $M0)
  (module $M1
    (module $M (alias outer 0 $M0))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M2
    (module $M (alias outer 0 $M1))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M3
    (module $M (alias outer 0 $M2))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M4
    (module $M (alias outer 0 $M3))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M5
    (module $M (alias outer 0 $M4))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M6
    (module $M (alias outer 0 $M5))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M7
    (module $M (alias outer 0 $M6))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M8
    (module $M (alias outer 0 $M7))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M9
    (module $M (alias outer 0 $M8))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M10
    (module $M (alias outer 0 $M9))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M11
    (module $M (alias outer 0 $M10))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M12
    (module $M (alias outer 0 $M11))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M13
    (module $M (alias outer 0 $M12))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (module $M14
    (module $M (alias outer 0 $M13))
    (instance (instantiate $M))
    (instance (instantiate $M)))
  (instance (instantiate $M14)))
