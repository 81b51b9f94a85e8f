(module $parent
  (module $child
    (import "memory" (instance (type outer 255 $Memory)))))
