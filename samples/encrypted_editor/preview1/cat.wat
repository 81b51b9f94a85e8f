;; cat, for WASI preview 1: writes the files that are its arguments to fd 1, one after the other, or
;; fd 0 where there are none. Paths lead down from the first folder that it was granted.
;;
;;     watloom run --dir DIR cat.wat NAME…
(module $cat
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 2)
  (data (i32.const 0x100) "cat: errno 00: ")                                    ;; 15 bytes
  (global $DIGITS i32 (i32.const 0x10b))                                        ;; the 00 in it
  (data (i32.const 0x110) "\n")
  (data (i32.const 0x120) "cat: too many arguments\n")                          ;; 24
  (global $VECTOR i32 (i32.const 0x200))     ;; pointer and length of one buffer
  (global $ANSWER i32 (i32.const 0x210))     ;; an fd, or a count
  (global $SIZE i32 (i32.const 0x214))       ;; of all arguments together
  (global $ARGS i32 (i32.const 0x1000))      ;; 4,096 pointers at most
  (global $TEXTS i32 (i32.const 0x5000))     ;; 32 KiB at most
  (global $BUFFER i32 (i32.const 0x1_0000))  ;; 64 KiB
  (global $status (mut i32) (i32.const 0))

  (func (export "_start")
    (local $arg i32) (local $end i32)
    (drop (call $args_sizes_get (global.get $ANSWER) (global.get $SIZE)))
    (if (i32.or
          (i32.gt_u (i32.load (global.get $ANSWER)) (i32.const 4096))
          (i32.gt_u (i32.load (global.get $SIZE)) (i32.const 0x8000)))
      (then
        (drop (call $write_all (i32.const 2) (i32.const 0x120) (i32.const 24)))
        (call $proc_exit (i32.const 1))))
    (local.set $end
      (i32.add (global.get $ARGS) (i32.shl (i32.load (global.get $ANSWER)) (i32.const 2))))
    (drop (call $args_get (global.get $ARGS) (global.get $TEXTS)))
    (local.set $arg (i32.add (global.get $ARGS) (i32.const 4)))      ;; the first is the program
    (if (i32.ge_u (local.get $arg) (local.get $end))
      (then (call $judge (call $copy (i32.const 0)) (i32.const 0x10f) (i32.const 0)))
      (else
        (loop $next
          (call $show (i32.load (local.get $arg)))
          (local.set $arg (i32.add (local.get $arg) (i32.const 4)))
          (br_if $next (i32.lt_u (local.get $arg) (local.get $end))))))
    (if (global.get $status) (then (call $proc_exit (global.get $status)))))

  ;; The file whose name, with a NUL behind it, stands at $name.
  (func $show (param $name i32)
    (local $len i32) (local $errno i32) (local $fd i32)
    (local.set $len (call $length (local.get $name)))
    (local.set $errno
      (call $path_open
        (i32.const 3) (i32.const 1) (local.get $name) (local.get $len)      ;; 1: follow links
        (i32.const 0) (i64.const 0x02) (i64.const 0) (i32.const 0) (global.get $ANSWER)))
    (if (i32.eqz (local.get $errno))
      (then
        (local.set $fd (i32.load (global.get $ANSWER)))
        (local.set $errno (call $copy (local.get $fd)))
        (drop (call $fd_close (local.get $fd)))))
    (call $judge (local.get $errno) (local.get $name) (local.get $len)))

  ;; From an fd to fd 1, up to the end. Gives 0 or an errno.
  (func $copy (param $from i32) (result i32)
    (local $errno i32)
    (loop $more
      (call $set_vector (global.get $BUFFER) (i32.const 0x1_0000))
      (local.set $errno
        (call $fd_read (local.get $from) (global.get $VECTOR) (i32.const 1) (global.get $ANSWER)))
      (if (local.get $errno) (then (return (local.get $errno))))
      (if (i32.eqz (i32.load (global.get $ANSWER))) (then (return (i32.const 0))))
      (local.set $errno
        (call $write_all (i32.const 1) (global.get $BUFFER) (i32.load (global.get $ANSWER))))
      (br_if $more (i32.eqz (local.get $errno))))
    (local.get $errno))

  ;; Says what went wrong with a file, if anything did.
  (func $judge (param $errno i32) (param $name i32) (param $len i32)
    (if (i32.eqz (local.get $errno)) (then (return)))
    (global.set $status (i32.const 1))
    (i32.store8 offset=0 (global.get $DIGITS)                        ;; WASI's errnos have two digits
      (i32.add (i32.const 0x30) (i32.div_u (local.get $errno) (i32.const 10))))
    (i32.store8 offset=1 (global.get $DIGITS)
      (i32.add (i32.const 0x30) (i32.rem_u (local.get $errno) (i32.const 10))))
    (drop (call $write_all (i32.const 2) (i32.const 0x100) (i32.const 15)))
    (drop (call $write_all (i32.const 2) (local.get $name) (local.get $len)))
    (drop (call $write_all (i32.const 2) (i32.const 0x110) (i32.const 1))))

  ;; An fd may take fewer bytes than it is offered. Gives 0 or an errno.
  (func $write_all (param $to i32) (param $text i32) (param $len i32) (result i32)
    (local $errno i32) (local $count i32)
    (loop $more
      (if (i32.eqz (local.get $len)) (then (return (i32.const 0))))
      (call $set_vector (local.get $text) (local.get $len))
      (local.set $errno
        (call $fd_write (local.get $to) (global.get $VECTOR) (i32.const 1) (global.get $ANSWER)))
      (if (local.get $errno) (then (return (local.get $errno))))
      (local.set $count (i32.load (global.get $ANSWER)))
      (if (i32.eqz (local.get $count)) (then (return (i32.const 29))))     ;; EIO: stuck
      (local.set $text (i32.add (local.get $text) (local.get $count)))
      (local.set $len (i32.sub (local.get $len) (local.get $count)))
      (br $more))
    (unreachable))

  (func $set_vector (param $buf i32) (param $len i32)
    (i32.store offset=0 (global.get $VECTOR) (local.get $buf))
    (i32.store offset=4 (global.get $VECTOR) (local.get $len)))

  (func $length (param $text i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $text))
    (block $done
      (loop $more
        (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $more)))
    (i32.sub (local.get $end) (local.get $text))))
