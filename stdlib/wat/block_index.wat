;; Where the newest record of each block stands in a log (block_log.wat), as the heads of its records
;; say; and the sum over all of those heads.
;;
;; An index is a struct with arrays, not memory: it goes when its file does. Heads are read at 0x0180
;; of the memory; the sum is at 0x01c0 when it is worked on.
(module $block_index
  (type $longs (array (mut i64)))
  (type $index (struct
    (field $sum0 (mut i64)) (field $sum1 (mut i64)) (field $sum2 (mut i64))
    (field $live (mut i64))           ;; the bytes of records that count
    (field $count (mut i32))          ;; how many those are
    ;; by number of the block: where its record is, or 0; how many bytes are stored << 32 | how many
    ;; of the plain ones count; a part of its tag
    (field $places (mut (ref $longs)))
    (field $lengths (mut (ref $longs)))
    (field $tags (mut (ref $longs)))))

  (import "memory" "memory" (memory 4))
  (import "codec" "block" (global $BLOCK i32))
  (import "codec" "add" (func $add (param i32 i32)))

  (global $HEAD i32 (i32.const 0x0180))
  (global $SUM i32 (i32.const 0x01c0))
  (global $MOST_BLOCKS i64 (i64.const 0x10_0000))
  (global $CUT i32 (i32.const -1))
  (global $EIO i32 (i32.const 29))

  ;; The index of an empty log.
  (func (export "new") (result (ref struct))
    (struct.new $index
      (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i32.const 0)
      (call $none) (call $none) (call $none)))

  (func $none (result (ref $longs))
    (array.new $longs (i64.const 0) (i32.const 0)))

  ;; Block $i: where its record is (0: nowhere, it is all zeros), its lengths, a part of its tag.
  (func (export "find") (param $given (ref struct)) (param $i i64) (result i64 i64 i64)
    (local $index (ref $index)) (local $n i32)
    (local.set $index (ref.cast (ref $index) (local.get $given)))
    (if (i64.ge_u (local.get $i)
          (i64.extend_i32_u (array.len (struct.get $index $places (local.get $index)))))
      (then (return (i64.const 0) (i64.const 0) (i64.const 0))))
    (local.set $n (i32.wrap_i64 (local.get $i)))
    (if (i64.eqz
          (array.get $longs (struct.get $index $places (local.get $index)) (local.get $n)))
      (then (return (i64.const 0) (i64.const 0) (i64.const 0))))
    (array.get $longs (struct.get $index $places (local.get $index)) (local.get $n))
    (array.get $longs (struct.get $index $lengths (local.get $index)) (local.get $n))
    (array.get $longs (struct.get $index $tags (local.get $index)) (local.get $n)))

  ;; How many bytes the records that count have, how many those are, and a number above all blocks'.
  (func (export "extent") (param $given (ref struct)) (result i64 i32 i32)
    (local $index (ref $index))
    (local.set $index (ref.cast (ref $index) (local.get $given)))
    (struct.get $index $live (local.get $index))
    (struct.get $index $count (local.get $index))
    (array.len (struct.get $index $places (local.get $index))))

  ;; Puts the sum at $SUM.
  (func $show_sum (export "show_sum") (param $given (ref struct))
    (local $index (ref $index))
    (local.set $index (ref.cast (ref $index) (local.get $given)))
    (i64.store offset=0 (global.get $SUM) (struct.get $index $sum0 (local.get $index)))
    (i64.store offset=8 (global.get $SUM) (struct.get $index $sum1 (local.get $index)))
    (i64.store offset=16 (global.get $SUM) (struct.get $index $sum2 (local.get $index))))

  ;; Takes in the head at $HEAD, of a record that stands at $place. Gives 0, or EIO for one that
  ;; cannot be.
  (func (export "take") (param $given (ref struct)) (param $place i64) (result i32)
    (local $index (ref $index)) (local $number i64) (local $i i32) (local $length i32)
    (local.set $index (ref.cast (ref $index) (local.get $given)))
    (call $show_sum (local.get $index))
    (call $add (global.get $SUM) (global.get $HEAD))
    (struct.set $index $sum0 (local.get $index) (i64.load offset=0 (global.get $SUM)))
    (struct.set $index $sum1 (local.get $index) (i64.load offset=8 (global.get $SUM)))
    (struct.set $index $sum2 (local.get $index) (i64.load offset=16 (global.get $SUM)))
    (local.set $number (i64.load (global.get $HEAD)))
    (local.set $length (i32.load offset=8 (global.get $HEAD)))
    (if (i32.gt_u (i32.load offset=12 (global.get $HEAD)) (global.get $BLOCK))
      (then (return (global.get $EIO))))
    (if (i32.eq (local.get $length) (global.get $CUT))
      (then
        (call $cut (local.get $index) (local.get $number))
        (return (i32.const 0))))
    (if (i32.or
          (i64.ge_u (local.get $number) (global.get $MOST_BLOCKS))
          (i32.gt_u (local.get $length) (global.get $BLOCK)))
      (then (return (global.get $EIO))))
    (local.set $i (i32.wrap_i64 (local.get $number)))
    (call $make_room (local.get $index) (local.get $i))
    (call $drop (local.get $index) (local.get $i))
    (array.set $longs (struct.get $index $places (local.get $index)) (local.get $i)
      (local.get $place))
    (array.set $longs (struct.get $index $lengths (local.get $index)) (local.get $i)
      (i64.or
        (i64.shl (i64.load32_u offset=12 (global.get $HEAD)) (i64.const 32))
        (i64.extend_i32_u (local.get $length))))
    (array.set $longs (struct.get $index $tags (local.get $index)) (local.get $i)
      (i64.load offset=32 (global.get $HEAD)))
    (struct.set $index $count (local.get $index)
      (i32.add (struct.get $index $count (local.get $index)) (i32.const 1)))
    (struct.set $index $live (local.get $index)
      (i64.add
        (struct.get $index $live (local.get $index))
        (i64.add (i64.load32_u offset=12 (global.get $HEAD)) (i64.const 48))))
    (i32.const 0))

  ;; Nothing beyond $size counts any more.
  (func $cut (param $index (ref $index)) (param $size i64)
    (local $i i32) (local $rest i32) (local $lengths (ref $longs)) (local $length i64)
    (local.set $lengths (struct.get $index $lengths (local.get $index)))
    (if (i64.ge_u
          (i64.div_u (local.get $size) (i64.extend_i32_u (global.get $BLOCK)))
          (i64.extend_i32_u (array.len (local.get $lengths))))
      (then (return)))
    (local.set $i (i32.wrap_i64
      (i64.div_u (local.get $size) (i64.extend_i32_u (global.get $BLOCK)))))
    (local.set $rest (i32.wrap_i64
      (i64.rem_u (local.get $size) (i64.extend_i32_u (global.get $BLOCK)))))
    (if (local.get $rest)
      (then
        (local.set $length (array.get $longs (local.get $lengths) (local.get $i)))
        (if (i32.gt_u (i32.wrap_i64 (local.get $length)) (local.get $rest))
          (then (array.set $longs (local.get $lengths) (local.get $i)
            (i64.or
              (i64.and (local.get $length) (i64.const 0xffff_ffff_0000_0000))
              (i64.extend_i32_u (local.get $rest))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (array.len (local.get $lengths))))
        (call $drop (local.get $index) (local.get $i))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next))))

  ;; The record of block $i, if there is one, counts no more.
  (func $drop (param $index (ref $index)) (param $i i32)
    (if (i64.eqz
          (array.get $longs (struct.get $index $places (local.get $index)) (local.get $i)))
      (then (return)))
    (array.set $longs (struct.get $index $places (local.get $index)) (local.get $i)
      (i64.const 0))
    (struct.set $index $count (local.get $index)
      (i32.sub (struct.get $index $count (local.get $index)) (i32.const 1)))
    (struct.set $index $live (local.get $index)
      (i64.sub
        (struct.get $index $live (local.get $index))
        (i64.add
          (i64.shr_u
            (array.get $longs (struct.get $index $lengths (local.get $index)) (local.get $i))
            (i64.const 32))
          (i64.const 48)))))

  ;; Sees to it that the arrays have an element $i.
  (func $make_room (param $index (ref $index)) (param $i i32)
    (if (i32.lt_u (local.get $i) (array.len (struct.get $index $places (local.get $index))))
      (then (return)))
    (local.set $i (i32.add (i32.mul (local.get $i) (i32.const 2)) (i32.const 4)))
    (struct.set $index $places (local.get $index)
      (call $longer (struct.get $index $places (local.get $index)) (local.get $i)))
    (struct.set $index $lengths (local.get $index)
      (call $longer (struct.get $index $lengths (local.get $index)) (local.get $i)))
    (struct.set $index $tags (local.get $index)
      (call $longer (struct.get $index $tags (local.get $index)) (local.get $i))))

  (func $longer (param $old (ref $longs)) (param $count i32) (result (ref $longs))
    (local $new (ref $longs))
    (local.set $new (array.new $longs (i64.const 0) (local.get $count)))
    (array.copy $longs $longs
      (local.get $new) (i32.const 0) (local.get $old) (i32.const 0)
      (array.len (local.get $old)))
    (local.get $new)))
