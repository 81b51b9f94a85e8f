;; The host's files as objects, over WASI preview 1: an fd is an object that has a number in it.
;;
;; Nothing but the standard's own interface is asked of the host, so this runs wherever that does.
(module $host
  (rec
    (type $open (func (param $self (ref $fd))
                      (param $path i32) (param $path_len i32) (param $flags i32)
                      (result i32 (ref null $fd))))
    (type $read (func (param $self (ref $fd)) (param $buf i32) (param $len i32) (result i32)))
    (type $write (func (param $self (ref $fd)) (param $buf i32) (param $len i32) (result i32)))
    (type $close (func (param $self (ref $fd)) (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))

  (type $numbered (sub final $fd (struct
    (field $open (ref $open)) (field $read (ref $read))
    (field $write (ref $write)) (field $close (ref $close))
    (field $number i32))))

  (import "memory" "memory" (memory 1))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get"
    (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))

  ;; Of the shared memory this module has 0x0f00 to 0x0fff: a list of one buffer, and an answer.
  (global $VECTOR i32 (i32.const 0x0f00))
  (global $ANSWER i32 (i32.const 0x0f10))

  (elem declare func $open $read $write $close $random)

  ;; The first folder that was granted, or null.
  (func (export "folder") (result (ref null $fd))
    (if (call $fd_prestat_get (i32.const 3) (global.get $ANSWER))
      (then (return (ref.null $fd))))
    (call $numbered (i32.const 3)))

  (func (export "stdout") (result (ref $fd)) (call $numbered (i32.const 1)))
  (func (export "stderr") (result (ref $fd)) (call $numbered (i32.const 2)))

  ;; Random bytes, as a file that never ends.
  (func (export "random") (result (ref $fd))
    (struct.new $numbered
      (ref.func $open) (ref.func $random) (ref.func $write) (ref.func $close)
      (i32.const -1)))

  (func $numbered (param $number i32) (result (ref $fd))
    (struct.new $numbered
      (ref.func $open) (ref.func $read) (ref.func $write) (ref.func $close)
      (local.get $number)))

  (func $number (param $self (ref $fd)) (result i32)
    (struct.get $numbered $number (ref.cast (ref $numbered) (local.get $self))))

  ;; The flags are 1 create, 2 truncate, 4 for writing, 8 a folder.
  (func $open (type $open) (param $self (ref $fd)) (param $path i32) (param $path_len i32) (param $flags i32)
    (result i32 (ref null $fd))
    (local $errno i32) (local $oflags i32) (local $rights i64)
    (local.set $oflags                                       ;; 1 create, 2 a folder, 8 truncate
      (i32.or
        (i32.and (local.get $flags) (i32.const 1))
        (i32.or
          (i32.shr_u (i32.and (local.get $flags) (i32.const 8)) (i32.const 2))
          (i32.shl (i32.and (local.get $flags) (i32.const 2)) (i32.const 2)))))
    (local.set $rights                                       ;; fd_write, or fd_read
      (select (i64.const 0x40) (i64.const 0x02) (i32.and (local.get $flags) (i32.const 4))))
    (if (i32.and (local.get $flags) (i32.const 8))
      (then (local.set $rights (i64.const 0x8_2400))))       ;; path_open, to create, to truncate
    (local.set $errno
      (call $path_open
        (call $number (local.get $self)) (i32.const 0)
        (local.get $path) (local.get $path_len) (local.get $oflags)
        (local.get $rights) (i64.const 0x8_2442) (i32.const 0) (global.get $ANSWER)))
    (if (local.get $errno) (then (return (local.get $errno) (ref.null $fd))))
    (i32.const 0)
    (call $numbered (i32.load (global.get $ANSWER))))

  (func $read (type $read) (param $self (ref $fd)) (param $buf i32) (param $len i32) (result i32)
    (call $set_vector (local.get $buf) (local.get $len))
    (call $count
      (call $fd_read
        (call $number (local.get $self))
        (global.get $VECTOR) (i32.const 1) (global.get $ANSWER))))

  (func $write (type $write) (param $self (ref $fd)) (param $buf i32) (param $len i32) (result i32)
    (call $set_vector (local.get $buf) (local.get $len))
    (call $count
      (call $fd_write
        (call $number (local.get $self))
        (global.get $VECTOR) (i32.const 1) (global.get $ANSWER))))

  (func $close (type $close) (param $self (ref $fd)) (result i32)
    (call $fd_close (call $number (local.get $self))))

  (func $random (type $read) (param $self (ref $fd)) (param $buf i32) (param $len i32) (result i32)
    (i32.store (global.get $ANSWER) (local.get $len))
    (call $count (call $random_get (local.get $buf) (local.get $len))))

  (func $set_vector (param $buf i32) (param $len i32)
    (i32.store offset=0 (global.get $VECTOR) (local.get $buf))
    (i32.store offset=4 (global.get $VECTOR) (local.get $len)))

  ;; What was read or written, or a negative errno.
  (func $count (param $errno i32) (result i32)
    (select
      (i32.sub (i32.const 0) (local.get $errno))
      (i32.load (global.get $ANSWER))
      (local.get $errno))))
