;; A file of blocks (block_log.wat) as a vnode: any bytes at any place are read and written through
;; whole blocks.
;;
;; A write is done as a whole or not at all, up to 1 MiB; what a caller wants to write beyond that it
;; is told to write with its next call. Nothing is kept of a file but what `block_log` has: whatever
;; an operation needs to know it reads.
;;
;; What does not touch the bytes is not even passed on: those fields of the new vnode are the inner
;; file's own functions. All pointers of callers are followed here, before anything else of the
;; provider is called: so it is them that `caller` finds.
(module $block_file
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

  ;; What an open file's functions are bound to.
  (type $file (struct
    (field $log (ref struct))
    (field $inner (ref $vnode))
    (field $position (mut i64))
    (field $access (mut i32))))       ;; 1 for reading   2 for writing   4 writes go to the end

  ;; Memory 0 is what fds below may look at: it has nothing in it but what they are handed.
  (import "outside" "memory" (memory $outside 3))
  (import "memory" "memory" (memory $own 4))
  (import "codec" "block" (global $BLOCK i32))
  (import "caller" "size" (func $caller_size (result i32)))
  (import "caller" "read" (func $caller_read (param i32 i32 i32)))
  (import "caller" "write" (func $caller_write (param i32 i32 i32)))
  (import "log" "refresh" (func $refresh (param (ref struct)) (result i32)))
  (import "log" "size" (func $size (param (ref struct)) (result i64)))
  (import "log" "load" (func $load (param (ref struct) i64) (result i32)))
  (import "log" "length" (func $length (param (ref struct) i64) (result i32)))
  (import "log" "forget" (func $forget))
  (import "log" "store" (func $store (param (ref struct) i64 i32) (result i32)))
  (import "log" "commit" (func $commit (param (ref struct) i64) (result i32)))
  (import "log" "cut" (func $cut (param (ref struct) i64) (result i32)))

  (global $PLAIN i32 (i32.const 0x4000))
  (global $STAT i32 (i32.const 0x2800))
  (global $MOST i32 (i32.const 0x10_0000))      ;; what one call reads or writes at most

  (global $READ i32 (i32.const 1))
  (global $WRITE i32 (i32.const 2))
  (global $APPEND i32 (i32.const 4))

  (global $EBADF i32 (i32.const 8))
  (global $EFBIG i32 (i32.const 22))
  (global $EINVAL i32 (i32.const 28))

  (elem declare func
    $read_here $write_here $pread $pwrite $seek $set_size $allocate $stat $flags $set_flags $poll)

  ;; The vnode of an open file. $access are the bits above.
  (func (export "new")
    (param $log (ref struct)) (param $inner (ref $vnode)) (param $access i32)
    (result (ref $vnode))
    (local $self (ref $file))
    (local.set $self
      (struct.new $file (local.get $log) (local.get $inner) (i64.const 0) (local.get $access)))
    (struct.new $vnode
      (struct.get $vnode $open (local.get $inner))
      (func.bind $read (local.get $self) (ref.func $read_here))
      (func.bind $write (local.get $self) (ref.func $write_here))
      (struct.get $vnode $close (local.get $inner))
      (func.bind $pread (local.get $self) (ref.func $pread))
      (func.bind $pwrite (local.get $self) (ref.func $pwrite))
      (func.bind $seek (local.get $self) (ref.func $seek))
      (struct.get $vnode $sync (local.get $inner))
      (func.bind $set_size (local.get $self) (ref.func $set_size))
      (func.bind $allocate (local.get $self) (ref.func $allocate))
      (func.bind $stat (local.get $self) (ref.func $stat))
      (struct.get $vnode $set_times (local.get $inner))
      (func.bind $flags (local.get $self) (ref.func $flags))
      (func.bind $set_flags (local.get $self) (ref.func $set_flags))
      (func.bind $poll (local.get $self) (ref.func $poll))
      (struct.get $vnode $readdir (local.get $inner))
      (struct.get $vnode $stat_at (local.get $inner))
      (struct.get $vnode $set_times_at (local.get $inner))
      (struct.get $vnode $mkdir (local.get $inner))
      (struct.get $vnode $rmdir (local.get $inner))
      (struct.get $vnode $unlink (local.get $inner))
      (struct.get $vnode $rename (local.get $inner))
      (struct.get $vnode $link (local.get $inner))
      (struct.get $vnode $symlink (local.get $inner))
      (struct.get $vnode $readlink (local.get $inner))))

  ;; ---- reading

  (func $read_here (param $self (ref $file)) (param $buf i32) (param $len i32) (result i32)
    (local $count i32)
    (local.set $count (call $pread
      (local.get $self) (local.get $buf) (local.get $len)
      (struct.get $file $position (local.get $self))))
    (if (i32.gt_s (local.get $count) (i32.const 0))
      (then (call $advance (local.get $self) (local.get $count))))
    (local.get $count))

  (func $pread (param $self (ref $file)) (param $buf i32) (param $len i32) (param $offset i64)
    (result i32)
    (local $log (ref struct)) (local $errno i32) (local $left i64)
    (local $done i32) (local $within i32) (local $piece i32)
    (call $check_pointer (local.get $buf) (local.get $len))
    (local.set $errno (call $begin (local.get $self) (global.get $READ)))
    (if (local.get $errno) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
    (if (i64.lt_s (local.get $offset) (i64.const 0))
      (then (return (i32.sub (i32.const 0) (global.get $EINVAL)))))
    (local.set $log (struct.get $file $log (local.get $self)))
    (local.set $left (i64.sub (call $size (local.get $log)) (local.get $offset)))
    (if (i64.le_s (local.get $left) (i64.const 0)) (then (return (i32.const 0))))
    (local.set $len (call $at_most (local.get $len)))
    (if (i64.gt_u (i64.extend_i32_u (local.get $len)) (local.get $left))
      (then (local.set $len (i32.wrap_i64 (local.get $left)))))
    (block $done_with_it
      (loop $next
        (br_if $done_with_it (i32.eq (local.get $done) (local.get $len)))
        (local.set $errno (call $load (local.get $log) (call $number_of (local.get $offset))))
        (if (local.get $errno)
          (then      ;; what was read is given; the errno comes with the next call
            (br_if $done_with_it (local.get $done))
            (return (i32.sub (i32.const 0) (local.get $errno)))))
        (local.set $within (call $within (local.get $offset)))
        (local.set $piece (call $piece
          (local.get $within) (i32.sub (local.get $len) (local.get $done))))
        (memory.copy $outside $own
          (i32.const 0) (i32.add (global.get $PLAIN) (local.get $within)) (local.get $piece))
        (call $caller_write
          (i32.add (local.get $buf) (local.get $done)) (i32.const 0) (local.get $piece))
        (memory.fill $outside (i32.const 0) (i32.const 0) (local.get $piece))
        (local.set $offset
          (i64.add (local.get $offset) (i64.extend_i32_u (local.get $piece))))
        (local.set $done (i32.add (local.get $done) (local.get $piece)))
        (br $next)))
    (local.get $done))

  ;; ---- writing

  (func $write_here (param $self (ref $file)) (param $buf i32) (param $len i32) (result i32)
    (local $errno i32) (local $count i32)
    (if (i32.and (struct.get $file $access (local.get $self)) (global.get $APPEND))
      (then
        (local.set $errno (call $begin (local.get $self) (global.get $WRITE)))
        (if (local.get $errno) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
        (struct.set $file $position (local.get $self)
          (call $size (struct.get $file $log (local.get $self))))))
    (local.set $count (call $pwrite
      (local.get $self) (local.get $buf) (local.get $len)
      (struct.get $file $position (local.get $self))))
    (if (i32.gt_s (local.get $count) (i32.const 0))
      (then (call $advance (local.get $self) (local.get $count))))
    (local.get $count))

  (func $pwrite (param $self (ref $file)) (param $buf i32) (param $len i32) (param $offset i64)
    (result i32)
    (local $log (ref struct)) (local $errno i32) (local $size i64)
    (local $done i32) (local $within i32) (local $piece i32) (local $length i32) (local $old i32)
    (call $check_pointer (local.get $buf) (local.get $len))
    (local.set $errno (call $begin (local.get $self) (global.get $WRITE)))
    (if (local.get $errno) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
    (local.set $len (call $at_most (local.get $len)))
    (local.set $errno (call $check_size (local.get $offset)))
    (if (i32.eqz (local.get $errno))
      (then (local.set $errno (call $check_size
        (i64.add (local.get $offset) (i64.extend_i32_u (local.get $len)))))))
    (if (local.get $errno) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
    (if (i32.eqz (local.get $len)) (then (return (i32.const 0))))
    (local.set $log (struct.get $file $log (local.get $self)))
    (local.set $size (call $size (local.get $log)))
    (loop $next
      (local.set $within (call $within (local.get $offset)))
      (local.set $piece (call $piece
        (local.get $within) (i32.sub (local.get $len) (local.get $done))))
      (local.set $length (i32.add (local.get $within) (local.get $piece)))
      (local.set $old (call $length (local.get $log) (call $number_of (local.get $offset))))
      ;; What is written over from its beginning to its end need not be read.
      (if (i32.or (local.get $within) (i32.gt_u (local.get $old) (local.get $piece)))
        (then
          (local.set $errno (call $load (local.get $log) (call $number_of (local.get $offset))))
          (if (local.get $errno) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
          (if (i32.gt_u (local.get $old) (local.get $length))
            (then (local.set $length (local.get $old))))))
      (call $forget)
      (call $caller_read
        (i32.const 0) (i32.add (local.get $buf) (local.get $done)) (local.get $piece))
      (memory.copy $own $outside
        (i32.add (global.get $PLAIN) (local.get $within)) (i32.const 0) (local.get $piece))
      (memory.fill $outside (i32.const 0) (i32.const 0) (local.get $piece))
      (local.set $errno (call $store
        (local.get $log) (call $number_of (local.get $offset)) (local.get $length)))
      (if (local.get $errno) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
      (local.set $offset (i64.add (local.get $offset) (i64.extend_i32_u (local.get $piece))))
      (local.set $done (i32.add (local.get $done) (local.get $piece)))
      (br_if $next (i32.lt_u (local.get $done) (local.get $len))))
    (if (i64.gt_u (local.get $offset) (local.get $size))
      (then (local.set $size (local.get $offset))))
    (local.set $errno (call $commit (local.get $log) (local.get $size)))
    (select
      (i32.sub (i32.const 0) (local.get $errno)) (local.get $done) (local.get $errno)))

  (func $set_size (param $self (ref $file)) (param $size i64) (result i32)
    (local $errno i32)
    (local.set $errno (call $check_size (local.get $size)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (if (i32.eqz (i32.and (struct.get $file $access (local.get $self)) (global.get $WRITE)))
      (then (return (global.get $EINVAL))))
    (local.set $errno (call $refresh (struct.get $file $log (local.get $self))))
    (if (local.get $errno) (then (return (local.get $errno))))
    (call $resize (struct.get $file $log (local.get $self)) (local.get $size)))

  ;; There will be the bytes, if zeros; whether there will be room for others nobody can say.
  (func $allocate (param $self (ref $file)) (param $offset i64) (param $len i64) (result i32)
    (local $errno i32) (local $end i64)
    (local.set $end (i64.add (local.get $offset) (local.get $len)))
    (if (i32.or
          (i64.lt_s (local.get $offset) (i64.const 0)) (i64.le_s (local.get $len) (i64.const 0)))
      (then (return (global.get $EINVAL))))
    (if (i64.lt_s (local.get $end) (i64.const 0)) (then (return (global.get $EFBIG))))
    (local.set $errno (call $check_size (local.get $end)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $errno (call $begin (local.get $self) (global.get $WRITE)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (if (i64.le_u (local.get $end) (call $size (struct.get $file $log (local.get $self))))
      (then (return (i32.const 0))))
    (call $resize (struct.get $file $log (local.get $self)) (local.get $end)))

  (func $resize (param $log (ref struct)) (param $size i64) (result i32)
    (local $old i64)
    (local.set $old (call $size (local.get $log)))
    (if (i64.eq (local.get $size) (local.get $old)) (then (return (i32.const 0))))
    (if (result i32) (i64.lt_u (local.get $size) (local.get $old))
      (then (call $cut (local.get $log) (local.get $size)))
      (else (call $commit (local.get $log) (local.get $size)))))

  ;; ---- all else

  (func $seek (param $self (ref $file)) (param $offset i64) (param $whence i32) (result i64)
    (local $errno i32) (local $from i64)
    (if (i32.gt_u (local.get $whence) (i32.const 2))
      (then (return (call $wide (global.get $EINVAL)))))
    ;; This finds out, too, that the file is closed.
    (local.set $errno (call $refresh (struct.get $file $log (local.get $self))))
    (if (local.get $errno) (then (return (call $wide (local.get $errno)))))
    (if (i32.eq (local.get $whence) (i32.const 1))
      (then (local.set $from (struct.get $file $position (local.get $self)))))
    (if (i32.eq (local.get $whence) (i32.const 2))
      (then (local.set $from (call $size (struct.get $file $log (local.get $self))))))
    (local.set $from (i64.add (local.get $from) (local.get $offset)))
    (if (i64.lt_s (local.get $from) (i64.const 0))
      (then (return (call $wide (global.get $EINVAL)))))
    (struct.set $file $position (local.get $self) (local.get $from))
    (local.get $from))

  ;; What the inner file says of itself, but for the size.
  (func $stat (param $self (ref $file)) (param $buf i32) (result i32)
    (local $errno i32) (local $inner (ref $vnode))
    (call $check_pointer (local.get $buf) (i32.const 64))
    (local.set $errno (call $refresh (struct.get $file $log (local.get $self))))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $inner (struct.get $file $inner (local.get $self)))
    (local.set $errno
      (call_ref $stat (global.get $STAT) (struct.get $vnode $stat (local.get $inner))))
    (if (local.get $errno) (then (return (local.get $errno))))
    (i64.store offset=32 (global.get $STAT)
      (call $size (struct.get $file $log (local.get $self))))
    (call $caller_write (local.get $buf) (global.get $STAT) (i32.const 64))
    (i32.const 0))

  ;; The inner file's, but for the append bit: it is always written to at a place.
  (func $flags (param $self (ref $file)) (result i32)
    (local $flags i32)
    (local.set $flags (call_ref $flags
      (struct.get $vnode $flags (struct.get $file $inner (local.get $self)))))
    (if (i32.lt_s (local.get $flags) (i32.const 0)) (then (return (local.get $flags))))
    (i32.or
      (i32.and (local.get $flags) (i32.const -2))
      (i32.shr_u
        (i32.and (struct.get $file $access (local.get $self)) (global.get $APPEND))
        (i32.const 2))))

  (func $set_flags (param $self (ref $file)) (param $flags i32) (result i32)
    (local $errno i32)
    (local.set $errno (call_ref $set_flags
      (i32.and (local.get $flags) (i32.const -2))
      (struct.get $vnode $set_flags (struct.get $file $inner (local.get $self)))))
    (if (local.get $errno) (then (return (local.get $errno))))
    (struct.set $file $access (local.get $self)
      (i32.or
        (i32.and (struct.get $file $access (local.get $self)) (i32.const 3))
        (i32.shl (i32.and (local.get $flags) (i32.const 1)) (i32.const 2))))
    (i32.const 0))

  (func $poll (param $self (ref $file)) (param $for_writing i32) (result i64)
    (local $errno i32) (local $left i64)
    (local.set $errno (call $refresh (struct.get $file $log (local.get $self))))
    (if (local.get $errno) (then (return (call $wide (local.get $errno)))))
    (if (local.get $for_writing) (then (return (i64.const 1))))
    (local.set $left (i64.sub
      (call $size (struct.get $file $log (local.get $self)))
      (struct.get $file $position (local.get $self))))
    (select (local.get $left) (i64.const 0) (i64.gt_s (local.get $left) (i64.const 0))))

  ;; ---- small change

  ;; How every operation on the bytes begins: 0, or EBADF for what the file was not opened for.
  (func $begin (param $self (ref $file)) (param $wanted i32) (result i32)
    (if (i32.eqz (i32.and (struct.get $file $access (local.get $self)) (local.get $wanted)))
      (then (return (global.get $EBADF))))
    (call $refresh (struct.get $file $log (local.get $self))))

  ;; Traps where the caller has no such bytes, before anything is done.
  (func $check_pointer (param $buf i32) (param $len i32)
    (if (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $buf)) (i64.extend_i32_u (local.get $len)))
          (i64.extend_i32_u (call $caller_size)))
      (then (call $caller_read (i32.const 0) (local.get $buf) (local.get $len)))))

  ;; Whether a file may be so large: 0, EINVAL or EFBIG. 2^20 blocks are the most.
  (func $check_size (param $size i64) (result i32)
    (if (i64.lt_s (local.get $size) (i64.const 0)) (then (return (global.get $EINVAL))))
    (select (global.get $EFBIG) (i32.const 0)
      (i64.gt_u (local.get $size)
        (i64.shl (i64.extend_i32_u (global.get $BLOCK)) (i64.const 20)))))

  (func $advance (param $self (ref $file)) (param $count i32)
    (struct.set $file $position (local.get $self)
      (i64.add
        (struct.get $file $position (local.get $self))
        (i64.extend_i32_u (local.get $count)))))

  (func $number_of (param $offset i64) (result i64)
    (i64.div_u (local.get $offset) (i64.extend_i32_u (global.get $BLOCK))))

  (func $within (param $offset i64) (result i32)
    (i32.wrap_i64 (i64.rem_u (local.get $offset) (i64.extend_i32_u (global.get $BLOCK)))))

  ;; How many of $left bytes there are to the end of the block.
  (func $piece (param $within i32) (param $left i32) (result i32)
    (local $room i32)
    (local.set $room (i32.sub (global.get $BLOCK) (local.get $within)))
    (select (local.get $left) (local.get $room) (i32.lt_u (local.get $left) (local.get $room))))

  (func $at_most (param $len i32) (result i32)
    (select (local.get $len) (global.get $MOST) (i32.lt_u (local.get $len) (global.get $MOST))))

  (func $wide (param $errno i32) (result i64)
    (i64.sub (i64.const 0) (i64.extend_i32_u (local.get $errno)))))
