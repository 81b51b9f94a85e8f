;; Tables of references in the heap, for the target mvp, whose one table no instruction changes.
;;
;; A table is sixteen bytes: how many entries it has, where they are, how many it may have at most,
;; and for how many there is room. Entries are i32 references. An element segment is eight bytes: how
;; many, and where.
(module
  (import "heap.wat" "alloc" (func $alloc (param i32) (result i32)))
  (import "heap.wat" "move" (func $move (param i32 i32 i32)))
  (import "heap.wat" "fill_words" (func $fill_words (param i32 i32 i32)))
  (import "heap.wat" "alloc_array" (func $alloc_array (param i32 i32 i32) (result i32)))
  (import "heap.wat" "elements" (func $elements (param i32 i32 i32 i32) (result i32)))
  (memory $heap 0)
  (memory $user 0)

  (func $table_get (param $index i32) (param $table i32) (result i32)
    (i32.load $heap (call $entry (local.get $index) (local.get $table))))

  (func $table_set (param $index i32) (param $value i32) (param $table i32)
    (i32.store $heap (call $entry (local.get $index) (local.get $table)) (local.get $value)))

  (func $entry (param $index i32) (param $table i32) (result i32)
    (if (i32.ge_u (local.get $index) (i32.load $heap (local.get $table))) (then (unreachable)))
    (i32.add
      (i32.load $heap offset=4 (local.get $table))
      (i32.shl (local.get $index) (i32.const 2))))

  ;; Where so many entries from $index on are, of a table or a segment; a trap where they are not.
  (func $entries (param $index i32) (param $count i32) (param $list i32) (result i32)
    (local $size i32)
    (local.set $size (i32.load $heap (local.get $list)))
    (if (i32.gt_u (local.get $index) (local.get $size)) (then (unreachable)))
    (if (i32.gt_u (local.get $count) (i32.sub (local.get $size) (local.get $index)))
      (then (unreachable)))
    (i32.add
      (i32.load $heap offset=4 (local.get $list))
      (i32.shl (local.get $index) (i32.const 2))))

  ;; Gives the old size, or -1. The old entries stay where they are, unused; so that growing often
  ;; does not cost more and more, the new place is twice as large.
  (func $table_grow (param $value i32) (param $count i32) (param $table i32) (result i32)
    (local $old i32) (local $new i32) (local $at i32) (local $room i32)
    (local.set $old (i32.load $heap (local.get $table)))
    (local.set $new (i32.add (local.get $old) (local.get $count)))
    (if (i32.or
          (i32.lt_u (local.get $new) (local.get $old))
          (i32.or
            (i32.gt_u (local.get $new) (i32.load $heap offset=8 (local.get $table)))
            (i32.gt_u (local.get $new) (i32.const 10_000_000))))
      (then (return (i32.const -1))))
    (if (i32.gt_u (local.get $new) (i32.load $heap offset=12 (local.get $table)))
      (then
        (local.set $room (i32.shl (local.get $new) (i32.const 1)))
        (local.set $at (call $alloc (i32.shl (local.get $room) (i32.const 2))))
        (call $move
          (local.get $at)
          (i32.load $heap offset=4 (local.get $table))
          (i32.shl (local.get $old) (i32.const 2)))
        (i32.store $heap offset=4 (local.get $table) (local.get $at))
        (i32.store $heap offset=12 (local.get $table) (local.get $room))))
    (i32.store $heap (local.get $table) (local.get $new))
    (call $fill_words
      (i32.add
        (i32.load $heap offset=4 (local.get $table))
        (i32.shl (local.get $old) (i32.const 2)))
      (local.get $value)
      (local.get $count))
    (local.get $old))

  (func $table_fill (param $index i32) (param $value i32) (param $count i32) (param $table i32)
    (call $fill_words
      (call $entries (local.get $index) (local.get $count) (local.get $table))
      (local.get $value)
      (local.get $count)))

  ;; $from is a table, or an element segment.
  (func $table_copy
    (param $index i32) (param $from_index i32) (param $count i32) (param $table i32)
    (param $from i32)
    (call $move
      (call $entries (local.get $index) (local.get $count) (local.get $table))
      (call $entries (local.get $from_index) (local.get $count) (local.get $from))
      (i32.shl (local.get $count) (i32.const 2))))

  ;; Elements of an array from an element segment.
  (func $array_init_elem
    (param $to i32) (param $index i32) (param $from i32) (param $count i32) (param $segment i32)
    (local.set $to
      (call $elements (local.get $to) (local.get $index) (local.get $count) (i32.const 2)))
    (call $move
      (i32.add (local.get $to) (i32.const 8))
      (call $entries (local.get $from) (local.get $count) (local.get $segment))
      (i32.shl (local.get $count) (i32.const 2))))

  (func $array_new_elem
    (param $from i32) (param $count i32) (param $segment i32) (param $id i32) (result i32)
    (local $array i32)
    (drop (call $entries (local.get $from) (local.get $count) (local.get $segment)))
    (local.set $array (call $alloc_array (local.get $id) (local.get $count) (i32.const 2)))
    (call $array_init_elem
      (local.get $array) (i32.const 0) (local.get $from) (local.get $count) (local.get $segment))
    (local.get $array))

  (func $list_size (param $list i32) (result i32)
    (i32.load $heap (local.get $list)))

  (func $elem_drop (param $segment i32)
    (i32.store $heap (local.get $segment) (i32.const 0)))

  ;; What the table has at first.
  (func $table_new (param $value i32) (param $count i32) (param $table i32)
    (i32.store $heap (local.get $table) (local.get $count))
    (i32.store $heap offset=4 (local.get $table)
      (call $alloc (i32.shl (local.get $count) (i32.const 2))))
    (i32.store $heap offset=12 (local.get $table) (local.get $count))
    (call $fill_words
      (i32.load $heap offset=4 (local.get $table))
      (local.get $value)
      (local.get $count))))
