;; The heap of a lowered module: what is allocated stays, there being no collector in mvp.
(module
  (memory $heap 0)
  (memory $user 0)
  (global $top (mut i32) (i32.const 0))

  ;; So many bytes, all zero; where the memory has no room for them, a trap.
  (func $alloc (param $size i32) (result i32)
    (local $at i32) (local $pages i32)
    (local.set $at (global.get $top))
    (local.set $size
      (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (if (i32.lt_u (global.get $top) (local.get $at)) (then (unreachable)))
    (local.set $pages
      (i32.sub
        (i32.add (i32.shr_u (i32.sub (global.get $top) (i32.const 1)) (i32.const 16)) (i32.const 1))
        (memory.size $heap)))
    (if (i32.gt_s (local.get $pages) (i32.const 0))
      (then
        ;; some more at once, if they are to be had
        (if (i32.eq
              (memory.grow $heap (i32.add (local.get $pages) (i32.const 16)))
              (i32.const -1))
          (then
            (if (i32.eq (memory.grow $heap (local.get $pages)) (i32.const -1))
              (then (unreachable)))))))
    (local.get $at))

  ;; An array: its type, its length, its elements of 1 << $shift bytes.
  (func $alloc_array (param $id i32) (param $length i32) (param $shift i32) (result i32)
    (local $at i32)
    ;; fewer than 2^28 bytes: no sum below can wrap
    (if (i32.ge_u (local.get $length) (i32.shr_u (i32.const 0x1000_0000) (local.get $shift)))
      (then (unreachable)))
    (local.set $at
      (call $alloc
        (i32.add (i32.shl (local.get $length) (local.get $shift)) (i32.const 8))))
    (i32.store $heap (local.get $at) (local.get $id))
    (i32.store $heap offset=4 (local.get $at) (local.get $length))
    (local.get $at))

  ;; Where the array's element is, less 8; null traps when the length is read.
  (func $element (param $array i32) (param $index i32) (param $shift i32) (result i32)
    (if (i32.ge_u (local.get $index) (i32.load $heap offset=4 (local.get $array)))
      (then (unreachable)))
    (i32.add (local.get $array) (i32.shl (local.get $index) (local.get $shift))))

  ;; Traps where not so many elements from $index on are there.
  (func $elements (param $array i32) (param $index i32) (param $count i32) (param $shift i32)
    (result i32)
    (local $length i32)
    (local.set $length (i32.load $heap offset=4 (local.get $array)))
    (if (i32.gt_u (local.get $index) (local.get $length)) (then (unreachable)))
    (if (i32.gt_u (local.get $count) (i32.sub (local.get $length) (local.get $index)))
      (then (unreachable)))
    (i32.add (local.get $array) (i32.shl (local.get $index) (local.get $shift))))

  (func $array_copy
    (param $to i32) (param $to_index i32) (param $from i32) (param $from_index i32)
    (param $count i32) (param $shift i32)
    (local.set $to
      (call $elements
        (local.get $to) (local.get $to_index) (local.get $count) (local.get $shift)))
    (local.set $from
      (call $elements
        (local.get $from) (local.get $from_index) (local.get $count) (local.get $shift)))
    (call $move
      (i32.add (local.get $to) (i32.const 8))
      (i32.add (local.get $from) (i32.const 8))
      (i32.shl (local.get $count) (local.get $shift))))

  ;; Elements from a data segment, $from in bytes; segments are described in bulk.wat.
  (func $array_init_data
    (param $to i32) (param $index i32) (param $from i32) (param $count i32)
    (param $segment i32) (param $shift i32)
    (local.set $to
      (call $elements
        (local.get $to) (local.get $index) (local.get $count) (local.get $shift)))
    (call $move
      (i32.add (local.get $to) (i32.const 8))
      (call $part (local.get $from) (local.get $count) (local.get $segment) (local.get $shift))
      (i32.shl (local.get $count) (local.get $shift))))

  ;; Where so many items are in a segment, $from bytes behind its start.
  (func $part (param $from i32) (param $count i32) (param $segment i32) (param $shift i32)
    (result i32)
    (if (i64.gt_u
          (i64.add
            (i64.extend_i32_u (local.get $from))
            (i64.shl
              (i64.extend_i32_u (local.get $count))
              (i64.extend_i32_u (local.get $shift))))
          (i64.extend_i32_u (i32.load $heap (local.get $segment))))
      (then (unreachable)))
    (i32.add (local.get $from) (i32.load $heap offset=4 (local.get $segment))))

  (func $array_new_data
    (param $from i32) (param $count i32) (param $segment i32) (param $shift i32) (param $id i32)
    (result i32)
    (local $array i32)
    (drop
      (call $part (local.get $from) (local.get $count) (local.get $segment) (local.get $shift)))
    (local.set $array
      (call $alloc_array (local.get $id) (local.get $count) (local.get $shift)))
    (call $array_init_data
      (local.get $array) (i32.const 0) (local.get $from) (local.get $count)
      (local.get $segment) (local.get $shift))
    (local.get $array))

  ;; Moves bytes inside of the heap; the two parts may overlap.
  (func $move (param $to i32) (param $from i32) (param $count i32)
    (if (i32.le_u (local.get $to) (local.get $from))
      (then
        (block $done
          (loop $more
            (br_if $done (i32.eqz (local.get $count)))
            (i32.store8 $heap (local.get $to) (i32.load8_u $heap (local.get $from)))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))
            (local.set $from (i32.add (local.get $from) (i32.const 1)))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (br $more))))
      (else
        (block $done
          (loop $more
            (br_if $done (i32.eqz (local.get $count)))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (i32.store8 $heap
              (i32.add (local.get $to) (local.get $count))
              (i32.load8_u $heap (i32.add (local.get $from) (local.get $count))))
            (br $more))))))

  (func $fill_words (param $at i32) (param $value i32) (param $count i32)
    (block $done
      (loop $more
        (br_if $done (i32.eqz (local.get $count)))
        (i32.store $heap (local.get $at) (local.get $value))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $more))))

  (func $non_null (param $ref i32) (result i32)
    (if (i32.eq (local.get $ref) (i32.const -2)) (then (unreachable)))
    (local.get $ref))

  ;; An i31 is its number, shifted, and one; null is even.
  (func $i31_get_s (param $ref i32) (result i32)
    (if (i32.eqz (i32.and (local.get $ref) (i32.const 1))) (then (unreachable)))
    (i32.shr_s (local.get $ref) (i32.const 1)))

  (func $i31_get_u (param $ref i32) (result i32)
    (if (i32.eqz (i32.and (local.get $ref) (i32.const 1))) (then (unreachable)))
    (i32.shr_u (local.get $ref) (i32.const 1))))
