;; The host's files as structs of bound functions, over WASI preview 1.
;;
;; The $self that the functions are bound to is a struct of two: the host's number for the file, and
;; the fd itself, which `close` ends.
(module $host
  (import "memory" "memory" (memory 1))
  (import "struct_table" "create" (func $create (param i32) (result i32)))
  (import "struct_table" "get" (func $get (param i32 i32) (result i32)))
  (import "struct_table" "set" (func $set (param i32 i32 i32)))
  (import "struct_table" "free" (func $free (param i32)))
  (import "fds" "make" (func $make (param i32 i32 i32 i32 i32) (result i32)))
  (import "fds" "end" (func $end (param i32)))
  (import "bind_open" "table" (table $opens 128 funcref))
  (import "bind_table" "table" (table $ios 128 funcref))
  (import "bind_close" "table" (table $closes 128 funcref))

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

  ;; This module's places in the tables: 64 to 71.
  (elem (table $opens) (i32.const 64) func $open)
  (elem (table $ios) (i32.const 64) func $read $write $random)
  (elem (table $closes) (i32.const 64) func $close)

  ;; Of the shared memory this module has 0x0f00 to 0x0fff: a list of one buffer, and an answer.
  (global $VECTOR i32 (i32.const 0x0f00))
  (global $ANSWER i32 (i32.const 0x0f10))

  ;; The first folder that was granted, or 0.
  (func (export "folder") (result i32)
    (if (call $fd_prestat_get (i32.const 3) (global.get $ANSWER)) (then (return (i32.const 0))))
    (call $new (i32.const 3) (i32.const 64)))

  (func (export "stdout") (result i32) (call $new (i32.const 1) (i32.const 64)))
  (func (export "stderr") (result i32) (call $new (i32.const 2) (i32.const 64)))

  ;; Random bytes, as a file that never ends.
  (func (export "random") (result i32) (call $new (i32.const -1) (i32.const 66)))

  (func $new (param $number i32) (param $read i32) (result i32)
    (local $self i32) (local $fd i32)
    (local.set $self (call $create (i32.const 2)))
    (local.set $fd
      (call $make
        (local.get $self)
        (i32.const 64) (local.get $read) (i32.const 65) (i32.const 64)))
    (call $set (local.get $self) (i32.const 0) (local.get $number))
    (call $set (local.get $self) (i32.const 1) (local.get $fd))
    (local.get $fd))

  (func $number (param $self i32) (result i32)
    (call $get (local.get $self) (i32.const 0)))

  ;; The flags are 1 create, 2 truncate, 4 for writing, 8 a folder.
  (func $open
    (param $self i32) (param $path i32) (param $path_len i32) (param $flags i32)
    (param $opened i32)
    (result i32)
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
    (if (i32.eqz (local.get $errno))
      (then
        (i32.store (local.get $opened)
          (call $new (i32.load (global.get $ANSWER)) (i32.const 64)))))
    (local.get $errno))

  (func $read (param $self i32) (param $buf i32) (param $len i32) (result i32)
    (call $set_vector (local.get $buf) (local.get $len))
    (call $count
      (call $fd_read
        (call $number (local.get $self))
        (global.get $VECTOR) (i32.const 1) (global.get $ANSWER))))

  (func $write (param $self i32) (param $buf i32) (param $len i32) (result i32)
    (call $set_vector (local.get $buf) (local.get $len))
    (call $count
      (call $fd_write
        (call $number (local.get $self))
        (global.get $VECTOR) (i32.const 1) (global.get $ANSWER))))

  (func $close (param $self i32) (result i32)
    (local $errno i32)
    (local.set $errno (call $fd_close (call $number (local.get $self))))
    (call $end (call $get (local.get $self) (i32.const 1)))
    (call $free (local.get $self))
    (local.get $errno))

  (func $random (param $self i32) (param $buf i32) (param $len i32) (result i32)
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
