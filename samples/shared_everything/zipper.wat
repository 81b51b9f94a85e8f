;; A program: zips a text, unzips it, and compares.
(module $ZIPPER
  (type $Libc (instance
    (export "memory" (memory 1))
    (export "malloc" (func (param i32) (result i32)))
    (export "free" (func (param i32)))
    (export "blocks" (func (result i32)))))
  (import "libc" (module $LIBC
    (export (type outer $ZIPPER $Libc))))
  (import "libzip" (module $LIBZIP
    (import "libc" (instance (type outer $ZIPPER $Libc)))
    (export "zip" (func (param i32 i32 i32) (result i32)))
    (export "unzip" (func (param i32 i32 i32) (result i32)))
    (export "calls" (func (result i32)))))

  (instance $libc (instantiate $LIBC))
  (instance $libzip (instantiate $LIBZIP (import "libc" (instance $libc))))
  (alias $libc "memory" (memory))

  (data (i32.const 64)
    "How much wood would a woodchuck chuck if a woodchuck could chuck wood? He would chuck, he "
    "would, as much as he could, and chuck as much wood as a woodchuck would if a woodchuck could "
    "chuck wood.")                                                            ;; 194 bytes
  (global $TEXT i32 (i32.const 64))
  (global $SIZE i32 (i32.const 194))

  ;; Gives the length of the text, its length zipped, whether it is itself again after that, and how
  ;; many blocks of memory are still in use.
  (func (export "run") (result i32 i32 i32 i32)
    (local $zipped i32) (local $plain i32) (local $same i32)
    (local.set $zipped
      (call (func $libzip "zip") (global.get $TEXT) (global.get $SIZE) (i32.const 0)))
    (local.set $plain
      (call (func $libzip "unzip") (local.get $zipped) (i32.load (i32.const 0)) (i32.const 4)))
    (local.set $same (i32.and
      (i32.eq (i32.load (i32.const 4)) (global.get $SIZE))
      (call $equal (global.get $TEXT) (local.get $plain) (global.get $SIZE))))
    (call (func $libc "free") (local.get $plain))
    (call (func $libc "free") (local.get $zipped))
    (global.get $SIZE)
    (i32.load (i32.const 0))
    (local.get $same)
    (call (func $libc "blocks")))

  ;; How often this program's libzip was called.
  (export "calls" (func $libzip "calls"))

  (func $equal (param $a i32) (param $b i32) (param $size i32) (result i32)
    (loop $next
      (if (i32.eqz (local.get $size)) (then (return (i32.const 1))))
      (local.set $size (i32.sub (local.get $size) (i32.const 1)))
      (br_if $next (i32.eq
        (i32.load8_u (i32.add (local.get $a) (local.get $size)))
        (i32.load8_u (i32.add (local.get $b) (local.get $size))))))
    (i32.const 0)))
