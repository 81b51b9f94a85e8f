;; The C library of the sample: a memory, and malloc and free in it.
;;
;; In front of each block stand its size and, while it is free, the next free block:
;;
;;     block-8  size      block-4  next      block …
;;
;; malloc takes the first free block that is large enough, else new memory at the top.
(module $LIBC
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 1024))      ;; the addresses below are never given out
  (global $free_list (mut i32) (i32.const 0))
  (global $count (mut i32) (i32.const 0))       ;; blocks in use

  (func (export "malloc") (param $size i32) (result i32)
    (local $block i32) (local $before i32)
    (local.set $size (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8)))
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (local.set $block (global.get $free_list))
    (block $none
      (loop $next
        (br_if $none (i32.eqz (local.get $block)))
        (if (i32.ge_u (i32.load (i32.sub (local.get $block) (i32.const 8))) (local.get $size))
          (then
            (call $unlink (local.get $before) (local.get $block))
            (return (local.get $block))))
        (local.set $before (local.get $block))
        (local.set $block (i32.load (i32.sub (local.get $block) (i32.const 4))))
        (br $next)))
    (call $take (local.get $size)))

  (func (export "free") (param $block i32)
    (if (i32.eqz (local.get $block)) (then (return)))
    (global.set $count (i32.sub (global.get $count) (i32.const 1)))
    (i32.store (i32.sub (local.get $block) (i32.const 4)) (global.get $free_list))
    (global.set $free_list (local.get $block)))

  (func (export "blocks") (result i32) (global.get $count))

  (func $unlink (param $before i32) (param $block i32)
    (local $next i32)
    (local.set $next (i32.load (i32.sub (local.get $block) (i32.const 4))))
    (if (local.get $before)
      (then (i32.store (i32.sub (local.get $before) (i32.const 4)) (local.get $next)))
      (else (global.set $free_list (local.get $next)))))

  ;; A block of new memory, which grows for it.
  (func $take (param $size i32) (result i32)
    (local $block i32) (local $end i32)
    (local.set $block (i32.add (global.get $top) (i32.const 8)))
    (local.set $end (i32.add (local.get $block) (local.get $size)))
    (block $room
      (br_if $room (i32.le_u (local.get $end) (i32.shl (memory.size) (i32.const 16))))
      (br_if $room (i32.ne (i32.const -1) (memory.grow
        (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16))))))
      (unreachable))
    (i32.store (i32.sub (local.get $block) (i32.const 8)) (local.get $size))
    (global.set $top (local.get $end))
    (local.get $block)))
