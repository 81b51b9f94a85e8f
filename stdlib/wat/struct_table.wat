;; Structs without references: for modules of WebAssembly 1.0, which this is written in, too.
;;
;;   create (param i32) (result i32)     a struct with so many fields, all 0: its handle
;;   set    (param i32 i32 i32)          puts a value in a field: handle, field, value
;;   get    (param i32 i32) (result i32) the value in a field
;;   free   (param i32)                  ends the struct; its handle is stale from then on
;;   length (param i32) (result i32)     how many fields it has
;;
;; A value is what those who share the struct take it for: a function is its index in a table that
;; they share (the table of bind_table, say), a struct is its handle.
;;
;; A handle is a generation, 20 bits, and below it a slot, 12 bits. It traps where it was freed,
;; where nothing was ever in that slot, and where a field is not there; so does create where there
;; are 4,096 structs already or the memory is used up. A slot is used again, under the next
;; generation; after the last of these it rests for good. So a stale handle never comes to life.
;; Generations begin at 1: 0 is no handle, and can stand for null.
;;
;; But a handle is a number, and who guesses it has the struct: the first that is created is 4096 in
;; every program. References cannot be guessed. What must not be reached belongs into an instance of
;; struct_table of its own, whose exports nobody else is given.
(module $struct_table
  ;; From 0 on the slots, 8 bytes each; behind them blocks with room for 2^n fields.
  ;;
  ;;     slot     i32 its generation, and 1 << 31 while there is a struct
  ;;              i32 where its block is; of a free slot: the next free one, plus 1
  ;;     block    i32 how many fields; of a free block: the next free one
  ;;              i32 n
  ;;              the fields
  (memory 1)
  (global $SLOTS i32 (i32.const 4096))
  (global $LAST_GENERATION i32 (i32.const 0xfffff))
  (global $LIVE i32 (i32.const 0x8000_0000))
  (global $MOST_FIELDS i32 (i32.const 10_000))

  (global $used (mut i32) (i32.const 0))             ;; slots that were ever used
  (global $free_slot (mut i32) (i32.const 0))        ;; the first free one, plus 1
  ;; 0x8000: for each class of blocks the first free one, 15 words; then the blocks
  (global $top (mut i32) (i32.const 0x8040))

  (func (export "create") (param $count i32) (result i32)
    (local $slot i32) (local $entry i32) (local $block i32)
    (if (i32.gt_u (local.get $count) (global.get $MOST_FIELDS)) (then (unreachable)))
    (if (i32.eqz (global.get $free_slot))
      (then
        (if (i32.eq (global.get $used) (global.get $SLOTS)) (then (unreachable)))))
    (local.set $block (call $take_block (local.get $count)))
    (if (global.get $free_slot)
      (then
        (local.set $slot (i32.sub (global.get $free_slot) (i32.const 1)))
        (global.set $free_slot
          (i32.load offset=4 (i32.shl (local.get $slot) (i32.const 3)))))
      (else
        (local.set $slot (global.get $used))
        (global.set $used (i32.add (local.get $slot) (i32.const 1)))))
    (local.set $entry (i32.shl (local.get $slot) (i32.const 3)))
    (i32.store (local.get $entry)
      (i32.or
        (i32.add (i32.load (local.get $entry)) (i32.const 1))
        (global.get $LIVE)))
    (i32.store offset=4 (local.get $entry) (local.get $block))
    (i32.or
      (i32.shl (i32.load (local.get $entry)) (i32.const 12))
      (local.get $slot)))

  (func (export "set") (param $handle i32) (param $field i32) (param $value i32)
    (i32.store offset=8
      (call $field (local.get $handle) (local.get $field))
      (local.get $value)))

  (func (export "get") (param $handle i32) (param $field i32) (result i32)
    (i32.load offset=8 (call $field (local.get $handle) (local.get $field))))

  (func (export "length") (param $handle i32) (result i32)
    (i32.load (i32.load offset=4 (call $entry (local.get $handle)))))

  (func (export "free") (param $handle i32)
    (local $entry i32) (local $generation i32)
    (local.set $entry (call $entry (local.get $handle)))
    (call $give_block (i32.load offset=4 (local.get $entry)))
    (local.set $generation (i32.shr_u (local.get $handle) (i32.const 12)))
    (i32.store (local.get $entry) (local.get $generation))
    (if (i32.lt_u (local.get $generation) (global.get $LAST_GENERATION))
      (then
        (i32.store offset=4 (local.get $entry) (global.get $free_slot))
        (global.set $free_slot
          (i32.add (i32.shr_u (local.get $entry) (i32.const 3)) (i32.const 1))))))

  ;; The slot's entry; traps where the handle is not that of a struct.
  (func $entry (param $handle i32) (result i32)
    (local $entry i32)
    (local.set $entry
      (i32.shl (i32.and (local.get $handle) (i32.const 0xfff)) (i32.const 3)))
    (if (i32.ne
          (i32.load (local.get $entry))
          (i32.or (i32.shr_u (local.get $handle) (i32.const 12)) (global.get $LIVE)))
      (then (unreachable)))
    (local.get $entry))

  (func $field (param $handle i32) (param $field i32) (result i32)
    (local $block i32)
    (local.set $block (i32.load offset=4 (call $entry (local.get $handle))))
    (if (i32.ge_u (local.get $field) (i32.load (local.get $block))) (then (unreachable)))
    (i32.add (local.get $block) (i32.shl (local.get $field) (i32.const 2))))

  ;; ---- blocks: one that was given back, of the same class, or a new one

  (func $take_block (param $count i32) (result i32)
    (local $class i32) (local $list i32) (local $block i32) (local $end i32)
    (loop $larger
      (if (i32.lt_u (i32.shl (i32.const 1) (local.get $class)) (local.get $count))
        (then
          (local.set $class (i32.add (local.get $class) (i32.const 1)))
          (br $larger))))
    (local.set $list
      (i32.add (i32.const 0x8000) (i32.shl (local.get $class) (i32.const 2))))
    (local.set $block (i32.load (local.get $list)))
    (if (local.get $block)
      (then (i32.store (local.get $list) (i32.load (local.get $block))))
      (else
        (local.set $block (global.get $top))
        (local.set $end
          (i32.add
            (i32.add (local.get $block) (i32.const 8))
            (i32.shl (i32.const 4) (local.get $class))))
        (call $reach (local.get $end))
        (global.set $top (local.get $end))))
    (i32.store (local.get $block) (local.get $count))
    (i32.store offset=4 (local.get $block) (local.get $class))
    (local.set $end
      (i32.add (local.get $block) (i32.shl (local.get $count) (i32.const 2))))
    (loop $clear                                       ;; backwards, down to the first field
      (if (i32.gt_u (local.get $end) (local.get $block))
        (then
          (i32.store offset=4 (local.get $end) (i32.const 0))
          (local.set $end (i32.sub (local.get $end) (i32.const 4)))
          (br $clear))))
    (local.get $block))

  (func $give_block (param $block i32)
    (local $list i32)
    (local.set $list
      (i32.add
        (i32.const 0x8000)
        (i32.shl (i32.load offset=4 (local.get $block)) (i32.const 2))))
    (i32.store (local.get $block) (i32.load (local.get $list)))
    (i32.store (local.get $list) (local.get $block)))

  ;; There are at most 4,096 blocks of 64 KiB: no sum of addresses wraps.
  (func $reach (param $end i32)
    (local $pages i32)
    (local.set $pages
      (i32.sub
        (i32.shr_u (i32.add (local.get $end) (i32.const 0xffff)) (i32.const 16))
        (memory.size)))
    (if (i32.gt_s (local.get $pages) (i32.const 0))
      (then
        (if (i32.eq (memory.grow (local.get $pages)) (i32.const -1))
          (then (unreachable)))))))
