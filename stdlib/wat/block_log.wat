;; A file of blocks, each encoded by another module (seal.wat, pack.wat), in a file of some provider:
;;
;;     0      a header (128 bytes)
;;     128    the same header again
;;     256 …  start ─── the log ─── end …
;;
;; The log is what was written, block by block, the newest last: of each block its newest record
;; counts. The header says where the log begins and ends, how large the file is, and what the sum over
;; the heads of all records is: so no record can be changed, left out, put elsewhere, or replaced by
;; an older one without being noticed.
;;
;;     header   magic (8)   id (16)   the codec's (40)   generation (8)   epoch (8)   size (8)
;;              start (8)   end (8)   sum (20)   nothing (4)
;;     record   number of the block (8)   plain length (4)   how many bytes are stored (4)
;;              the codec's (32)   the bytes
;;     cut      a size (8)   0xffff_ffff   0   and nothing: what was beyond that size is gone
;;
;; A write puts records behind the end, where they mean nothing yet, and then writes the header: first
;; one copy, then the other. Whenever that ends early, one of the copies is whole, and what it speaks
;; of as well: the file is as it was before the write, or as it is after it. The same holds for a cut,
;; and for making the log shorter (`compact`), which copies what counts to where nothing counts.
;;
;; `epoch` counts how often the log was begun anew. Every operation begins by looking at the header,
;; so that several fds of one file may be used in turns.
;;
;; The memory of a provider, which its modules share (what it hands to fds below, or is handed by them,
;; goes through another one, since those may look at all of that one):
;;
;;     0x0000   both copies of a header, as they were read, and one being made (3 × 128 bytes)
;;     0x0180   a record's head, and the sum (0x01c0)
;;     0x0200   the codec's own
;;     0x4000   a plain block of up to 16 KiB, with 64 bytes before it and 256 behind
;;     0x9000   the same block encoded, its head before it
;;     0x10000  the codec's own, again
;;     0x14000  records on their way: they are written together
(module $block_log
  (rec
    (type $open (func (param i32 i32 i32) (result i32 (ref null $fd))))
    (type $read (func (param i32 i32) (result i32)))
    (type $write (func (param i32 i32) (result i32)))
    (type $close (func (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))
  (rec
    (type $pread (func (param i32 i32 i64) (result i32)))
    (type $pwrite (func (param i32 i32 i64) (result i32)))
    (type $seek (func (param i64 i32) (result i64)))
    (type $sync (func (param i32) (result i32)))
    (type $set_size (func (param i64) (result i32)))
    (type $allocate (func (param i64 i64) (result i32)))
    (type $stat (func (param i32) (result i32)))
    (type $set_times (func (param i64 i64 i32) (result i32)))
    (type $flags (func (result i32)))
    (type $set_flags (func (param i32) (result i32)))
    (type $poll (func (param i32) (result i64)))
    (type $readdir (func (param i32 i32 i64) (result i32)))
    (type $stat_at (func (param i32 i32 i32 i32) (result i32)))
    (type $set_times_at (func (param i32 i32 i32 i64 i64 i32) (result i32)))
    (type $mkdir (func (param i32 i32) (result i32)))
    (type $rmdir (func (param i32 i32) (result i32)))
    (type $unlink (func (param i32 i32) (result i32)))
    (type $rename (func (param i32 i32 (ref $fd) i32 i32) (result i32)))
    (type $link (func (param i32 i32 i32 (ref $fd) i32 i32) (result i32)))
    (type $symlink (func (param i32 i32 i32 i32) (result i32)))
    (type $readlink (func (param i32 i32 i32 i32) (result i32)))
    (type $vnode (sub $fd (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))
      (field $pread (ref $pread)) (field $pwrite (ref $pwrite)) (field $seek (ref $seek))
      (field $sync (ref $sync)) (field $set_size (ref $set_size))
      (field $allocate (ref $allocate)) (field $stat (ref $stat))
      (field $set_times (ref $set_times)) (field $flags (ref $flags))
      (field $set_flags (ref $set_flags)) (field $poll (ref $poll))
      (field $readdir (ref $readdir)) (field $stat_at (ref $stat_at))
      (field $set_times_at (ref $set_times_at)) (field $mkdir (ref $mkdir))
      (field $rmdir (ref $rmdir)) (field $unlink (ref $unlink)) (field $rename (ref $rename))
      (field $link (ref $link)) (field $symlink (ref $symlink))
      (field $readlink (ref $readlink))))))

  ;; An open file.
  (type $log (struct
    (field $inner (ref $vnode))
    (field $index (mut (ref struct)))
    (field $known (mut i32))          ;; 0: all of this must be read anew
    (field $id0 (mut i64)) (field $id1 (mut i64))
    (field $mark_a (mut i64)) (field $mark_b (mut i64))     ;; by which the copies are known again
    (field $twice (mut i32))          ;; 1: both copies are the newest header …
    (field $newest (mut i32))         ;; … else: where the one stands that is
    (field $generation (mut i64)) (field $epoch (mut i64))
    (field $size (mut i64)) (field $start (mut i64)) (field $end (mut i64))))

  ;; Memory 0 is what fds below may look at: it has nothing in it but what they are handed.
  (import "outside" "memory" (memory $outside 3))
  (import "memory" "memory" (memory $own 4))
  (import "codec" "block" (global $BLOCK i32))
  (import "codec" "magic" (global $MAGIC i64))
  (import "codec" "new_id" (func $new_id (param i32) (result i32)))
  (import "codec" "use" (func $use (param i32)))
  (import "codec" "close_header" (func $close_header (param i32) (result i32)))
  (import "codec" "open_header" (func $open_header (param i32) (result i32)))
  (import "codec" "close_block" (func $close_block (param i32 i32) (result i32)))
  (import "codec" "open_block" (func $open_block (param i32 i32) (result i32)))
  (import "index" "new" (func $new_index (result (ref struct))))
  (import "index" "find" (func $find (param (ref struct) i64) (result i64 i64 i64)))
  (import "index" "extent" (func $extent (param (ref struct)) (result i64 i32 i32)))
  (import "index" "show_sum" (func $show_sum (param (ref struct))))
  (import "index" "take" (func $take (param (ref struct) i64) (result i32)))

  (global $B i32 (i32.const 0x0080))            ;; copy A is at 0
  (global $HEADER i32 (i32.const 0x0100))
  (global $HEAD i32 (i32.const 0x0180))
  (global $SUM i32 (i32.const 0x01c0))
  (global $PLAIN i32 (i32.const 0x4000))
  (global $DATA i32 (i32.const 0x9000))
  (global $QUEUE i32 (i32.const 0x1_4000))      ;; 128 KiB
  (global $QUEUE_SIZE i32 (i32.const 0x2_0000))
  (global $LOG i64 (i64.const 256))             ;; where a log can begin
  (global $EIO i32 (i32.const 29))

  ;; Whose block is at $PLAIN, and which one; null: nobody's.
  (global $cached (mut (ref null $log)) (ref.null $log))
  (global $cached_tag (mut i64) (i64.const 0))
  (global $cached_number (mut i64) (i64.const 0))

  ;; The records that are not written yet, how many bytes, and where to. There are some only within
  ;; one call of a caller's.
  (global $queued (mut i32) (i32.const 0))
  (global $queue_place (mut i64) (i64.const 0))

  ;; ---- opening

  ;; A file in the inner one. Until `refresh` or `create` nothing is known of it.
  (func (export "new") (param $inner (ref $vnode)) (result (ref struct))
    (struct.new $log
      (local.get $inner) (call $new_index) (i32.const 0)
      (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0)
      (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)))

  ;; Makes an empty file. Gives 0 or an errno.
  (func (export "create") (param $file (ref struct)) (result i32)
    (local $log (ref $log)) (local $errno i32)
    (local.set $log (ref.cast (ref $log) (local.get $file)))
    (local.set $errno (call $new_id (global.get $HEADER)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (struct.set $log $id0 (local.get $log) (i64.load $own (global.get $HEADER)))
    (struct.set $log $id1 (local.get $log) (i64.load $own offset=8 (global.get $HEADER)))
    (call $use_own (local.get $log))
    (struct.set $log $twice (local.get $log) (i32.const 1))
    (call $begin_anew (local.get $log))
    (call $write_header (local.get $log)))

  ;; The size, for which the log is not read: 0 or an errno, and the size.
  (func (export "peek") (param $file (ref struct)) (result i32 i64)
    (local $log (ref $log)) (local $errno i32)
    (local.set $log (ref.cast (ref $log) (local.get $file)))
    (local.set $errno (call $receive
      (struct.get $log $inner (local.get $log)) (i32.const 0) (i32.const 256) (i64.const 0)))
    (if (i32.eqz (local.get $errno))
      (then (local.set $errno (call $read_header (local.get $log)))))
    (local.get $errno)
    (struct.get $log $size (local.get $log)))

  ;; The size as `refresh` found it.
  (func (export "size") (param $file (ref struct)) (result i64)
    (struct.get $log $size (ref.cast (ref $log) (local.get $file))))

  ;; Finds out how the file is now. Gives 0, the codec's errno for a header that is not its own, or
  ;; EIO.
  (func (export "refresh") (param $file (ref struct)) (result i32)
    (local $log (ref $log)) (local $errno i32) (local $epoch i64) (local $end i64)
    (global.set $queued (i32.const 0))          ;; what an operation has left that did not end
    (local.set $log (ref.cast (ref $log) (local.get $file)))
    (local.set $errno (call $receive
      (struct.get $log $inner (local.get $log)) (i32.const 0) (i32.const 256) (i64.const 0)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (if (i32.and
          (struct.get $log $known (local.get $log))
          (i32.and
            (i64.eq (i64.load $own offset=36 (i32.const 0)) (struct.get $log $mark_a (local.get $log)))
            (i64.eq (i64.load $own offset=36 (global.get $B))
              (struct.get $log $mark_b (local.get $log)))))
      (then
        (call $use_own (local.get $log))
        (return (i32.const 0))))
    (local.set $epoch (struct.get $log $epoch (local.get $log)))
    (local.set $end (struct.get $log $end (local.get $log)))
    (local.set $errno (call $read_header (local.get $log)))
    ;; Where another fd has only added to the log, what is new in it is enough.
    (if (i32.or
          (i32.or
            (local.get $errno)
            (i32.eqz (struct.get $log $known (local.get $log))))
          (i32.or
            (i64.ne (local.get $epoch) (struct.get $log $epoch (local.get $log)))
            (i64.gt_u (local.get $end) (struct.get $log $end (local.get $log)))))
      (then
        (struct.set $log $index (local.get $log) (call $new_index))
        (local.set $end (struct.get $log $start (local.get $log)))))
    (struct.set $log $known (local.get $log) (i32.const 0))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $errno (call $scan (local.get $log) (local.get $end)))
    (struct.set $log $known (local.get $log) (i32.eqz (local.get $errno)))
    (local.get $errno))

  ;; Takes what the newer copy says, of the two that were read to 0; its sum to $SUM.
  (func $read_header (param $log (ref $log)) (result i32)
    (local $errno i32) (local $good_a i32) (local $good_b i32)
    (local.set $errno (call $try_header (local.get $log) (i32.const 0) (i32.const 0)))
    (local.set $good_a (i32.eqz (local.get $errno)))
    (local.set $good_b (i32.eqz
      (call $try_header (local.get $log) (global.get $B) (local.get $good_a))))
    (if (i32.eqz (i32.or (local.get $good_a) (local.get $good_b)))
      (then (return (local.get $errno))))
    (struct.set $log $mark_a (local.get $log) (i64.load $own offset=36 (i32.const 0)))
    (struct.set $log $mark_b (local.get $log) (i64.load $own offset=36 (global.get $B)))
    (struct.set $log $twice (local.get $log)
      (i32.and
        (i32.and (local.get $good_a) (local.get $good_b))
        (i64.eq
          (struct.get $log $mark_a (local.get $log))
          (struct.get $log $mark_b (local.get $log)))))
    (call $use_own (local.get $log))
    (i32.const 0))

  ;; Opens the copy at $at, and takes what it says, but not where a newer one was found before.
  (func $try_header (param $log (ref $log)) (param $at i32) (param $have i32) (result i32)
    (local $errno i32)
    (if (i64.ne (i64.load $own (local.get $at)) (global.get $MAGIC))
      (then (return (global.get $EIO))))
    (memory.copy $own $own (global.get $HEADER) (local.get $at) (i32.const 128))
    (call $use (i32.add (global.get $HEADER) (i32.const 8)))
    (local.set $errno (call $open_header (global.get $HEADER)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (if (i32.and
          (local.get $have)
          (i64.le_u
            (i64.load $own offset=64 (global.get $HEADER))
            (struct.get $log $generation (local.get $log))))
      (then (return (i32.const 0))))
    (struct.set $log $newest (local.get $log) (local.get $at))
    (struct.set $log $id0 (local.get $log) (i64.load $own offset=8 (global.get $HEADER)))
    (struct.set $log $id1 (local.get $log) (i64.load $own offset=16 (global.get $HEADER)))
    (struct.set $log $generation (local.get $log) (i64.load $own offset=64 (global.get $HEADER)))
    (struct.set $log $epoch (local.get $log) (i64.load $own offset=72 (global.get $HEADER)))
    (struct.set $log $size (local.get $log) (i64.load $own offset=80 (global.get $HEADER)))
    (struct.set $log $start (local.get $log) (i64.load $own offset=88 (global.get $HEADER)))
    (struct.set $log $end (local.get $log) (i64.load $own offset=96 (global.get $HEADER)))
    (memory.copy $own $own (global.get $SUM) (i32.add (global.get $HEADER) (i32.const 104)) (i32.const 24))
    (i32.const 0))

  (func $use_own (param $log (ref $log))
    (i64.store $own offset=8 (global.get $HEADER) (struct.get $log $id0 (local.get $log)))
    (i64.store $own offset=16 (global.get $HEADER) (struct.get $log $id1 (local.get $log)))
    (call $use (i32.add (global.get $HEADER) (i32.const 8))))

  ;; Reads the log from $at to its end. The sum must come out as the header has it, at $SUM.
  (func $scan (param $log (ref $log)) (param $at i64) (result i32)
    (local $errno i32) (local $sum0 i64) (local $sum1 i64) (local $sum2 i64)
    (local.set $sum0 (i64.load $own offset=0 (global.get $SUM)))
    (local.set $sum1 (i64.load $own offset=8 (global.get $SUM)))
    (local.set $sum2 (i64.load $own offset=16 (global.get $SUM)))
    (loop $next
      (if (i64.lt_u (local.get $at) (struct.get $log $end (local.get $log)))
        (then
          (local.set $errno (call $receive
            (struct.get $log $inner (local.get $log))
            (global.get $HEAD) (i32.const 48) (local.get $at)))
          (if (local.get $errno) (then (return (local.get $errno))))
          (local.set $errno
            (call $take (struct.get $log $index (local.get $log)) (local.get $at)))
          (if (local.get $errno) (then (return (local.get $errno))))
          (local.set $at (i64.add (local.get $at)
            (i64.add (i64.load32_u $own offset=12 (global.get $HEAD)) (i64.const 48))))
          (br $next))))
    (call $show_sum (struct.get $log $index (local.get $log)))
    (if (result i32)
      (i64.eqz (i64.or
        (i64.or
          (i64.xor (local.get $at) (struct.get $log $end (local.get $log)))
          (i64.xor (local.get $sum0) (i64.load $own offset=0 (global.get $SUM))))
        (i64.or
          (i64.xor (local.get $sum1) (i64.load $own offset=8 (global.get $SUM)))
          (i64.xor (local.get $sum2) (i64.load $own offset=16 (global.get $SUM))))))
      (then (i32.const 0))
      (else (global.get $EIO))))

  ;; ---- blocks, after a `refresh`

  ;; Puts block $i at $PLAIN, filled up with zeros. Gives 0 or an errno.
  (func (export "load") (param $file (ref struct)) (param $i i64) (result i32)
    (local $log (ref $log)) (local $errno i32)
    (local $place i64) (local $lengths i64) (local $tag i64) (local $length i32)
    (local.set $log (ref.cast (ref $log) (local.get $file)))
    (call $find (struct.get $log $index (local.get $log)) (local.get $i))
    (local.set $tag) (local.set $lengths) (local.set $place)
    (if (i32.eqz (i32.and
          (i64.ne (local.get $place) (i64.const 0))
          (i32.and
            (ref.eq (global.get $cached) (local.get $log))
            (i32.and
              (i64.eq (global.get $cached_number) (local.get $i))
              (i64.eq (global.get $cached_tag) (local.get $tag))))))
      (then
        (global.set $cached (ref.null $log))
        (local.set $errno (call $flush (local.get $log)))
        (if (local.get $errno) (then (return (local.get $errno))))
        (if (i64.ne (local.get $place) (i64.const 0))
          (then
            (local.set $errno (call $receive_record
              (local.get $log) (local.get $i) (local.get $place) (local.get $lengths)
              (local.get $tag)))
            (if (local.get $errno) (then (return (local.get $errno))))
            (local.set $errno (call $open_block (global.get $DATA) (global.get $PLAIN)))
            (if (local.get $errno) (then (return (local.get $errno))))
            (global.set $cached (local.get $log))
            (global.set $cached_number (local.get $i))
            (global.set $cached_tag (local.get $tag))))))
    ;; Also of what was here before: it may have been cut since.
    (local.set $length (i32.wrap_i64 (local.get $lengths)))
    (memory.fill $own
      (i32.add (global.get $PLAIN) (local.get $length))
      (i32.const 0)
      (i32.sub (global.get $BLOCK) (local.get $length)))
    (i32.const 0))

  ;; Reads a record to $DATA, its head before it. It must be the one that the index knows.
  (func $receive_record (param $log (ref $log)) (param $i i64)
    (param $place i64) (param $lengths i64) (param $tag i64) (result i32)
    (local $stored i32) (local $errno i32) (local $head i32)
    (local.set $head (i32.sub (global.get $DATA) (i32.const 48)))
    (local.set $stored (i32.wrap_i64 (i64.shr_u (local.get $lengths) (i64.const 32))))
    (local.set $errno (call $receive
      (struct.get $log $inner (local.get $log))
      (local.get $head) (i32.add (local.get $stored) (i32.const 48)) (local.get $place)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (if (result i32)
      (i32.and
        (i32.eq (i32.load $own offset=12 (local.get $head)) (local.get $stored))
        (i32.and
          (i64.eq (i64.load $own (local.get $head)) (local.get $i))
          (i64.eq (i64.load $own offset=32 (local.get $head)) (local.get $tag))))
      (then (i32.const 0))
      (else (global.get $EIO))))

  ;; How many bytes of block $i have ever been written; the others are zeros.
  (func (export "length") (param $file (ref struct)) (param $i i64) (result i32)
    (local $lengths i64)
    (call $find (struct.get $log $index (ref.cast (ref $log) (local.get $file))) (local.get $i))
    (drop) (local.set $lengths) (drop)
    (i32.wrap_i64 (local.get $lengths)))

  ;; What is at $PLAIN is about to be changed.
  (func (export "forget")
    (global.set $cached (ref.null $log)))

  ;; Queues $length bytes at $PLAIN as block $i; it counts when `commit` was called. Gives 0 or an
  ;; errno, after which nothing since the last commit counts.
  (func (export "store") (param $file (ref struct)) (param $i i64) (param $length i32) (result i32)
    (local $log (ref $log)) (local $errno i32) (local $head i32)
    (local.set $log (ref.cast (ref $log) (local.get $file)))
    (local.set $head (i32.sub (global.get $DATA) (i32.const 48)))
    (struct.set $log $known (local.get $log) (i32.const 0))
    (global.set $cached (ref.null $log))
    (memory.fill $own (local.get $head) (i32.const 0) (i32.const 48))
    (i64.store $own (local.get $head) (local.get $i))
    (i32.store $own offset=8 (local.get $head) (local.get $length))
    (local.set $errno (call $close_block (global.get $PLAIN) (global.get $DATA)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $errno (call $append_record (local.get $log) (struct.get $log $end (local.get $log))))
    (if (local.get $errno) (then (return (local.get $errno))))
    (struct.set $log $end (local.get $log)
      (i64.add
        (struct.get $log $end (local.get $log))
        (i64.add (i64.load32_u $own offset=12 (global.get $HEAD)) (i64.const 48))))
    (global.set $cached (local.get $log))
    (global.set $cached_number (local.get $i))
    (global.set $cached_tag (i64.load $own offset=32 (global.get $HEAD)))
    (i32.const 0))

  ;; Puts the record at $DATA into the queue, for $place, and takes it into the index. Leaves its head
  ;; at $HEAD.
  (func $append_record (param $log (ref $log)) (param $place i64) (result i32)
    (local $errno i32) (local $head i32) (local $len i32)
    (local.set $head (i32.sub (global.get $DATA) (i32.const 48)))
    (local.set $len (i32.add (i32.load $own offset=12 (local.get $head)) (i32.const 48)))
    (if (i32.gt_u
          (i32.add (global.get $queued) (local.get $len)) (global.get $QUEUE_SIZE))
      (then
        (local.set $errno (call $flush (local.get $log)))
        (if (local.get $errno) (then (return (local.get $errno))))))
    (if (i32.eqz (global.get $queued))
      (then (global.set $queue_place (local.get $place))))
    (memory.copy $own $own
      (i32.add (global.get $QUEUE) (global.get $queued)) (local.get $head) (local.get $len))
    (global.set $queued (i32.add (global.get $queued) (local.get $len)))
    (memory.copy $own $own (global.get $HEAD) (local.get $head) (i32.const 48))
    (call $take (struct.get $log $index (local.get $log)) (local.get $place)))

  ;; Writes the records in the queue, each of which stands where the one before it ends.
  (func $flush (param $log (ref $log)) (result i32)
    (local $len i32)
    (local.set $len (global.get $queued))
    (global.set $queued (i32.const 0))
    (if (i32.eqz (local.get $len)) (then (return (i32.const 0))))
    (call $send
      (struct.get $log $inner (local.get $log))
      (global.get $QUEUE) (local.get $len) (global.get $queue_place)))

  ;; Makes what was stored count, and the file $size bytes long. Gives 0 or an errno.
  (func $commit (export "commit") (param $file (ref struct)) (param $size i64) (result i32)
    (local $log (ref $log)) (local $errno i32)
    (local.set $log (ref.cast (ref $log) (local.get $file)))
    (struct.set $log $size (local.get $log) (local.get $size))
    (local.set $errno (call $write_header (local.get $log)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (call $compact_if_worth_it (local.get $log))
    (i32.const 0))

  ;; Makes the file $size bytes long, which is less than it was. Gives 0 or an errno.
  (func (export "cut") (param $file (ref struct)) (param $size i64) (result i32)
    (local $log (ref $log)) (local $errno i32)
    (local.set $log (ref.cast (ref $log) (local.get $file)))
    (struct.set $log $known (local.get $log) (i32.const 0))
    (if (i64.ne (local.get $size) (i64.const 0))
      (then
        (call $make_cut (local.get $size))
        (local.set $errno
          (call $append_record (local.get $log) (struct.get $log $end (local.get $log))))
        (if (local.get $errno) (then (return (local.get $errno))))
        (struct.set $log $end (local.get $log)
          (i64.add (struct.get $log $end (local.get $log)) (i64.const 48)))
        (return (call $commit (local.get $log) (local.get $size)))))
    (call $begin_anew (local.get $log))
    (struct.set $log $size (local.get $log) (i64.const 0))
    (local.set $errno (call $write_header (local.get $log)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (call $shrink (local.get $log))
    (i32.const 0))

  (func $make_cut (param $size i64)
    (local $head i32)
    (local.set $head (i32.sub (global.get $DATA) (i32.const 48)))
    (memory.fill $own (local.get $head) (i32.const 0) (i32.const 48))
    (i64.store $own (local.get $head) (local.get $size))
    (i32.store $own offset=8 (local.get $head) (i32.const -1)))

  ;; An empty log, where a log can begin: nothing is written there before this one's header is.
  (func $begin_anew (param $log (ref $log))
    (struct.set $log $index (local.get $log) (call $new_index))
    (struct.set $log $epoch (local.get $log)
      (i64.add (struct.get $log $epoch (local.get $log)) (i64.const 1)))
    (struct.set $log $start (local.get $log) (global.get $LOG))
    (struct.set $log $end (local.get $log) (global.get $LOG)))

  ;; ---- the header

  ;; Writes both copies, of which one is whole at any time. Gives 0 or an errno.
  (func $write_header (param $log (ref $log)) (result i32)
    (local $errno i32) (local $inner (ref $vnode))
    (local.set $inner (struct.get $log $inner (local.get $log)))
    (struct.set $log $known (local.get $log) (i32.const 0))
    (local.set $errno (call $flush (local.get $log)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (if (i32.eqz (struct.get $log $twice (local.get $log)))
      (then      ;; the last one to write was interrupted; both were read by `refresh`
        (local.set $errno (call $send
          (local.get $inner) (struct.get $log $newest (local.get $log)) (i32.const 128)
          (i64.extend_i32_u
            (i32.xor (struct.get $log $newest (local.get $log)) (global.get $B)))))
        (if (local.get $errno) (then (return (local.get $errno))))))
    (struct.set $log $twice (local.get $log) (i32.const 0))
    (struct.set $log $generation (local.get $log)
      (i64.add (struct.get $log $generation (local.get $log)) (i64.const 1)))
    (call $show_sum (struct.get $log $index (local.get $log)))
    (memory.fill $own (global.get $HEADER) (i32.const 0) (i32.const 128))
    (i64.store $own offset=0 (global.get $HEADER) (global.get $MAGIC))
    (call $use_own (local.get $log))
    (i64.store $own offset=64 (global.get $HEADER) (struct.get $log $generation (local.get $log)))
    (i64.store $own offset=72 (global.get $HEADER) (struct.get $log $epoch (local.get $log)))
    (i64.store $own offset=80 (global.get $HEADER) (struct.get $log $size (local.get $log)))
    (i64.store $own offset=88 (global.get $HEADER) (struct.get $log $start (local.get $log)))
    (i64.store $own offset=96 (global.get $HEADER) (struct.get $log $end (local.get $log)))
    (memory.copy $own $own (i32.add (global.get $HEADER) (i32.const 104)) (global.get $SUM) (i32.const 24))
    (local.set $errno (call $close_header (global.get $HEADER)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $errno
      (call $send (local.get $inner) (global.get $HEADER) (i32.const 128) (i64.const 0)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $errno
      (call $send (local.get $inner) (global.get $HEADER) (i32.const 128) (i64.const 128)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (struct.set $log $mark_a (local.get $log) (i64.load $own offset=36 (global.get $HEADER)))
    (struct.set $log $mark_b (local.get $log) (i64.load $own offset=36 (global.get $HEADER)))
    (struct.set $log $twice (local.get $log) (i32.const 1))
    (struct.set $log $known (local.get $log) (i32.const 1))
    (i32.const 0))

  ;; ---- making the log shorter

  ;; Copies what counts where nothing counts: behind the end, and from there to the beginning. This
  ;; is done where more than half of the log counts no more. An error takes nothing away but that
  ;; the log stays as long as it is.
  (func $compact_if_worth_it (param $log (ref $log))
    (local $live i64) (local $count i32) (local $need i64)
    (call $extent (struct.get $log $index (local.get $log)))
    (drop) (local.set $count) (local.set $live)
    (if (i64.le_u
          (i64.sub (struct.get $log $end (local.get $log)) (struct.get $log $start (local.get $log)))
          (i64.add
            (i64.shl (local.get $live) (i64.const 1))
            (i64.extend_i32_u (i32.shl (global.get $BLOCK) (i32.const 2)))))
      (then (return)))
    ;; At most one cut comes with each record.
    (local.set $need (i64.add (local.get $live)
      (i64.mul (i64.extend_i32_u (local.get $count)) (i64.const 48))))
    (if (i64.lt_u
          (i64.sub (struct.get $log $start (local.get $log)) (global.get $LOG))
          (local.get $need))
      (then
        (if (call $copy_to (local.get $log) (struct.get $log $end (local.get $log)))
          (then (return)))))
    ;; Now there is room before it: either it begins where the old log ended, which was longer than
    ;; twice of what counts, or there was room already.
    (if (call $copy_to (local.get $log) (global.get $LOG))
      (then (return)))
    (call $shrink (local.get $log)))

  ;; Copies what counts to $to, where the log then begins. Gives 0 or an errno.
  (func $copy_to (param $log (ref $log)) (param $to i64) (result i32)
    (local $old (ref struct)) (local $i i64) (local $most i64) (local $errno i32) (local $place i64)
    (local $lengths i64) (local $tag i64) (local $at i64) (local $whole i32)
    (local.set $old (struct.get $log $index (local.get $log)))
    (struct.set $log $index (local.get $log) (call $new_index))
    (struct.set $log $known (local.get $log) (i32.const 0))
    (local.set $at (local.get $to))
    (call $extent (local.get $old))
    (local.set $most (i64.extend_i32_u)) (drop) (drop)
    (loop $next
      (if (i64.lt_u (local.get $i) (local.get $most))
        (then
          (call $find (local.get $old) (local.get $i))
          (local.set $tag) (local.set $lengths) (local.set $place)
          (if (i64.ne (local.get $place) (i64.const 0))
            (then
              (local.set $errno (call $receive_record
                (local.get $log) (local.get $i) (local.get $place) (local.get $lengths)
                (local.get $tag)))
              (if (local.get $errno) (then (return (local.get $errno))))
              (local.set $errno (call $append_record (local.get $log) (local.get $at)))
              (if (local.get $errno) (then (return (local.get $errno))))
              (local.set $at (i64.add (local.get $at)
                (i64.add (i64.load32_u $own offset=12 (global.get $HEAD)) (i64.const 48))))
              ;; A block that was cut since it was written is cut again.
              (local.set $whole (i32.load $own offset=8 (global.get $HEAD)))
              (if (i32.lt_u (i32.wrap_i64 (local.get $lengths)) (local.get $whole))
                (then
                  (call $make_cut (i64.add
                    (i64.mul (local.get $i) (i64.extend_i32_u (global.get $BLOCK)))
                    (i64.extend_i32_u (i32.wrap_i64 (local.get $lengths)))))
                  (local.set $errno (call $append_record (local.get $log) (local.get $at)))
                  (if (local.get $errno) (then (return (local.get $errno))))
                  (local.set $at (i64.add (local.get $at) (i64.const 48)))))))
          (local.set $i (i64.add (local.get $i) (i64.const 1)))
          (br $next))))
    (struct.set $log $start (local.get $log) (local.get $to))
    (struct.set $log $end (local.get $log) (local.get $at))
    (struct.set $log $epoch (local.get $log)
      (i64.add (struct.get $log $epoch (local.get $log)) (i64.const 1)))
    (call $write_header (local.get $log)))

  ;; Gives back what is behind the end. It does no harm if that fails.
  (func $shrink (param $log (ref $log))
    (drop (call_ref $set_size
      (struct.get $log $end (local.get $log))
      (struct.get $vnode $set_size (struct.get $log $inner (local.get $log))))))

  ;; ---- moving bytes, of which the inner file may take or give fewer than it was asked for

  ;; Reads exactly $len bytes. Gives 0 or an errno; an early end is an error.
  (func $receive (param $fd (ref $vnode)) (param $buf i32) (param $len i32) (param $at i64)
    (result i32)
    (local $count i32)
    (loop $more
      (local.set $count (call_ref $pread
        (i32.const 0) (local.get $len) (local.get $at)
        (struct.get $vnode $pread (local.get $fd))))
      (if (i32.lt_s (local.get $count) (i32.const 0))
        (then (return (i32.sub (i32.const 0) (local.get $count)))))
      (if (i32.or (i32.eqz (local.get $count)) (i32.gt_u (local.get $count) (local.get $len)))
        (then (return (global.get $EIO))))
      (memory.copy $own $outside (local.get $buf) (i32.const 0) (local.get $count))
      (local.set $buf (i32.add (local.get $buf) (local.get $count)))
      (local.set $at (i64.add (local.get $at) (i64.extend_i32_u (local.get $count))))
      (br_if $more (local.tee $len (i32.sub (local.get $len) (local.get $count)))))
    (i32.const 0))

  ;; Writes all $len bytes. Gives 0 or an errno.
  (func $send (param $fd (ref $vnode)) (param $buf i32) (param $len i32) (param $at i64)
    (result i32)
    (local $count i32)
    (loop $more
      (memory.copy $outside $own (i32.const 0) (local.get $buf) (local.get $len))
      (local.set $count (call_ref $pwrite
        (i32.const 0) (local.get $len) (local.get $at)
        (struct.get $vnode $pwrite (local.get $fd))))
      (if (i32.lt_s (local.get $count) (i32.const 0))
        (then (return (i32.sub (i32.const 0) (local.get $count)))))
      (if (i32.or (i32.eqz (local.get $count)) (i32.gt_u (local.get $count) (local.get $len)))
        (then (return (global.get $EIO))))
      (local.set $buf (i32.add (local.get $buf) (local.get $count)))
      (local.set $at (i64.add (local.get $at) (i64.extend_i32_u (local.get $count))))
      (br_if $more (local.tee $len (i32.sub (local.get $len) (local.get $count)))))
    (i32.const 0)))
