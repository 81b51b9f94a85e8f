;; Both programs, deployed together: the code of the libraries is there once, each program has
;; instances of its own, with a memory of its own.
(module $APP
  (import "libc" (module $LIBC
    (export "memory" (memory 1))
    (export "malloc" (func (param i32) (result i32)))
    (export "free" (func (param i32)))
    (export "blocks" (func (result i32)))))
  (type $Libc (instance
    (export "memory" (memory 1))
    (export "malloc" (func (param i32) (result i32)))
    (export "free" (func (param i32)))
    (export "blocks" (func (result i32)))))
  (import "libzip" (module $LIBZIP
    (import "libc" (instance (type outer $APP $Libc)))
    (export "zip" (func (param i32 i32 i32) (result i32)))
    (export "unzip" (func (param i32 i32 i32) (result i32)))
    (export "calls" (func (result i32)))))
  (type $Libzip (instance
    (export "zip" (func (param i32 i32 i32) (result i32)))
    (export "unzip" (func (param i32 i32 i32) (result i32)))
    (export "calls" (func (result i32)))))
  (type $Zip (instance                          ;; what libimg wants of libzip
    (export "zip" (func (param i32 i32 i32) (result i32)))))
  (import "libimg" (module $LIBIMG
    (import "libc" (instance (type outer $APP $Libc)))
    (import "libzip" (instance (type outer $APP $Zip)))
    (export "compress" (func (param i32 i32 i32) (result i32)))))
  (import "zipper" (module $ZIPPER
    (import "libc" (module (export (type outer 1 $Libc))))
    (import "libzip" (module
      (import "libc" (instance (type outer 1 $Libc)))
      (export (type outer 1 $Libzip))))
    (export "run" (func (result i32 i32 i32 i32)))
    (export "calls" (func (result i32)))))
  (import "imgmgk" (module $IMGMGK
    (import "libc" (module (export (type outer 1 $Libc))))
    (import "libzip" (module
      (import "libc" (instance (type outer 1 $Libc)))
      (export (type outer 1 $Libzip))))
    (import "libimg" (module
      (import "libc" (instance (type outer 1 $Libc)))
      (import "libzip" (instance (type outer 1 $Zip)))
      (export "compress" (func (param i32 i32 i32) (result i32)))))
    (export "run" (func (result i32 i32 i32)))
    (export "calls" (func (result i32)))))

  (instance $zipper (instantiate $ZIPPER
    (import "libc" (module $LIBC))
    (import "libzip" (module $LIBZIP))))
  (instance $imgmgk (instantiate $IMGMGK
    (import "libc" (module $LIBC))
    (import "libzip" (module $LIBZIP))
    (import "libimg" (module $LIBIMG))))

  (export "zipper" (func $zipper "run"))
  (export "zipper_calls" (func $zipper "calls"))
  (export "imgmgk" (func $imgmgk "run"))
  (export "imgmgk_calls" (func $imgmgk "calls")))
