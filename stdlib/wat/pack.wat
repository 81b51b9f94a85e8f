;; What makes a block file (block_log.wat) a compressed one: LZ4 for each block, and a checksum for
;; each block and the header. A block that gets no shorter is stored as it is.
;;
;; The checksum finds what was damaged, not what somebody has changed on purpose. Any change within
;; one word of 8 bytes is found for sure, any other but for one in 2^64.
(module $pack
  (import "memory" "memory" (memory 4))
  (import "lz4" "pack" (func $pack (param i32 i32 i32 i32) (result i32)))
  (import "lz4" "unpack" (func $unpack (param i32 i32 i32 i32) (result i32)))

  (global (export "block") i32 (i32.const 16384))                      ;; plain bytes in a block
  (global (export "magic") i64 (i64.const 0x6465_6b63_6170_6c77))      ;; "wlpacked", little-endian

  (global $TABLE i32 (i32.const 0x1_0000))
  (global $EIO i32 (i32.const 29))

  ;; A file's id: there is no need to tell one from another.
  (func (export "new_id") (param $to i32) (result i32)
    (memory.fill (local.get $to) (i32.const 0) (i32.const 16))
    (i32.const 0))

  (func (export "use") (param $id i32))

  ;; ---- headers: magic (8), id (16), nothing (12), checksum (8), nothing (20), 64 bytes

  (func (export "close_header") (param $at i32) (result i32)
    (i64.store offset=36 (local.get $at) (call $header_sum (local.get $at)))
    (i32.const 0))

  (func (export "open_header") (param $at i32) (result i32)
    (if (result i32)
      (i64.eq (i64.load offset=36 (local.get $at)) (call $header_sum (local.get $at)))
      (then (i32.const 0))
      (else (global.get $EIO))))

  (func $header_sum (param $at i32) (result i64)
    (call $sum
      (call $sum (i64.const 0) (local.get $at) (i32.const 3))
      (i32.add (local.get $at) (i32.const 64)) (i32.const 8)))

  ;; ---- blocks: a head of 48 bytes, and behind it what is stored
  ;; head: number (8), length (4), how many bytes are stored (4), nothing (16), checksum (8),
  ;; nothing (8)

  ;; Packs the block at $plain, whose number and length stand in the head at $data - 48, to $data.
  (func (export "close_block") (param $plain i32) (param $data i32) (result i32)
    (local $head i32) (local $len i32) (local $stored i32)
    (local.set $head (i32.sub (local.get $data) (i32.const 48)))
    (local.set $len (i32.load offset=8 (local.get $head)))
    (local.set $stored
      (call $pack (local.get $plain) (local.get $len) (local.get $data) (global.get $TABLE)))
    (if (i32.eqz (local.get $stored))
      (then
        (memory.copy (local.get $data) (local.get $plain) (local.get $len))
        (local.set $stored (local.get $len))))
    (i32.store offset=12 (local.get $head) (local.get $stored))
    (i64.store offset=32 (local.get $head) (call $block_sum (local.get $data)))
    (i32.const 0))

  ;; Unpacks the block at $data, its head before it, to $plain. Gives 0, or EIO: it is damaged.
  (func (export "open_block") (param $data i32) (param $plain i32) (result i32)
    (local $head i32) (local $len i32) (local $stored i32)
    (local.set $head (i32.sub (local.get $data) (i32.const 48)))
    (local.set $len (i32.load offset=8 (local.get $head)))
    (local.set $stored (i32.load offset=12 (local.get $head)))
    (if (i64.ne (i64.load offset=32 (local.get $head)) (call $block_sum (local.get $data)))
      (then (return (global.get $EIO))))
    (if (i32.eq (local.get $stored) (local.get $len))
      (then
        (memory.copy (local.get $plain) (local.get $data) (local.get $len))
        (return (i32.const 0))))
    (if (result i32)
      (call $unpack (local.get $data) (local.get $stored) (local.get $plain) (local.get $len))
      (then (i32.const 0))
      (else (global.get $EIO))))

  ;; Over the number, the lengths, and what is stored, filled up with zeros to whole words.
  (func $block_sum (param $data i32) (result i64)
    (local $stored i32)
    (local.set $stored (i32.load offset=12 (i32.sub (local.get $data) (i32.const 48))))
    (i64.store (i32.add (local.get $data) (local.get $stored)) (i64.const 0))
    (call $sum
      (call $sum (i64.const 1) (i32.sub (local.get $data) (i32.const 48)) (i32.const 2))
      (local.get $data)
      (i32.shr_u (i32.add (local.get $stored) (i32.const 7)) (i32.const 3))))

  ;; ---- the sum over the heads of all blocks, in the order in which they were written

  (func (export "add") (param $state i32) (param $head i32)
    (i64.store (local.get $state)
      (call $sum (i64.load (local.get $state)) (local.get $head) (i32.const 6))))

  ;; Each step can be undone, so what was different stays different.
  (func $sum (param $sum i64) (param $at i32) (param $words i32) (result i64)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $words) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (local.set $sum
          (i64.mul
            (i64.xor (local.get $sum) (i64.load (local.get $at)))
            (i64.const 0x9e37_79b9_7f4a_7c15)))
        (local.set $sum
          (i64.xor (local.get $sum) (i64.shr_u (local.get $sum) (i64.const 32))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $next)))
    (local.get $sum)))
