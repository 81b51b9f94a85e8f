;; Gives the newer libc to a library that asks for the older one: it has all that is asked for.
(module $PROGRAM
  (import "libc-1.1.0" (module $LIBC
    (memory (export "memory") 1)
    (func (export "malloc") (param i32) (result i32))
    (func (export "zeroed") (param i32) (result i32))))
  (import "libsum-3.4.5" (module $LIBSUM
    (import "libc-1.0.0" (instance
      (memory (export "memory") 1)
      (func (export "malloc") (param i32) (result i32))))
    (func (export "sum") (param i32 i32) (result i32))))
  (instance $libc (instantiate $LIBC))
  (instance $libsum (instantiate $LIBSUM (import "libc-1.0.0" (instance $libc))))
  (alias $libc "memory" (memory))
  (func (export "run") (result i32)
    (local $block i32)
    (local.set $block (call (func $libc "zeroed") (i32.const 10)))
    (i32.store8 (local.get $block) (i32.const 40))
    (i32.store8 offset=9 (local.get $block) (i32.const 2))
    (call (func $libsum "sum") (local.get $block) (i32.const 10))))
