;; Compresses images: what differs from the pixel before is zipped, so a gradient gets short.
(module $LIBIMG
  (import "libc" (instance $libc
    (export "memory" (memory 1))
    (export "malloc" (func (param i32) (result i32)))
    (export "free" (func (param i32)))))
  (import "libzip" (instance $libzip
    (export "zip" (func (param i32 i32 i32) (result i32)))))
  (alias $libc "memory" (memory))

  (func (export "compress") (param $in i32) (param $size i32) (param $out_size i32) (result i32)
    (local $copy i32) (local $i i32) (local $before i32) (local $out i32)
    (local.set $copy (call (func $libc "malloc") (local.get $size)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $size)))
        (i32.store8
          (i32.add (local.get $copy) (local.get $i))
          (i32.sub
            (i32.load8_u (i32.add (local.get $in) (local.get $i)))
            (local.get $before)))
        (local.set $before (i32.load8_u (i32.add (local.get $in) (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.set $out
      (call (func $libzip "zip") (local.get $copy) (local.get $size) (local.get $out_size)))
    (call (func $libc "free") (local.get $copy))
    (local.get $out)))
