;; Another program: paints a gradient of 1024 pixels and compresses it.
(module $IMGMGK
  (type $Libc (instance
    (export "memory" (memory 1))
    (export "malloc" (func (param i32) (result i32)))
    (export "free" (func (param i32)))
    (export "blocks" (func (result i32)))))
  (type $Libzip (instance
    (export "zip" (func (param i32 i32 i32) (result i32)))
    (export "calls" (func (result i32)))))
  (import "libc" (module $LIBC
    (export (type outer $IMGMGK $Libc))))
  (import "libzip" (module $LIBZIP
    (import "libc" (instance (type outer $IMGMGK $Libc)))
    (export (type outer $IMGMGK $Libzip))))
  (import "libimg" (module $LIBIMG
    (import "libc" (instance (type outer $IMGMGK $Libc)))
    (import "libzip" (instance (type outer $IMGMGK $Libzip)))
    (export "compress" (func (param i32 i32 i32) (result i32)))))

  ;; One libc and one libzip, which libimg shares.
  (instance $libc (instantiate $LIBC))
  (instance $libzip (instantiate $LIBZIP (import "libc" (instance $libc))))
  (instance $libimg (instantiate $LIBIMG
    (import "libc" (instance $libc))
    (import "libzip" (instance $libzip))))
  (alias $libc "memory" (memory))

  ;; Gives the size of the image, its size compressed, and how many blocks are still in use.
  (func (export "run") (result i32 i32 i32)
    (local $image i32) (local $small i32) (local $i i32)
    (local.set $image (call (func $libc "malloc") (i32.const 1024)))
    (loop $next
      (i32.store8 (i32.add (local.get $image) (local.get $i))
        (i32.mul (local.get $i) (i32.const 3)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 1024))))
    (local.set $small
      (call (func $libimg "compress") (local.get $image) (i32.const 1024) (i32.const 0)))
    (call (func $libc "free") (local.get $small))
    (call (func $libc "free") (local.get $image))
    (i32.const 1024)
    (i32.load (i32.const 0))
    (call (func $libc "blocks")))

  (export "calls" (func $libzip "calls")))
