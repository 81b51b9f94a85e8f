;; The editor once more, as an ordinary program for WASI preview 1: its fds are the host's numbers.
;; It works in the first folder that it was granted.
;;
;;     watloom run --dir DIR editor.wat
;;
;; That nobody can hand it another fd does not help it: what stands behind the numbers of a host that
;; keeps structs of functions there, whoever starts the program decides.
(module $editor
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 0x1000) "letter.txt")                                        ;; 10 bytes
  (data (i32.const 0x1100) "Dear Ada,\n")                                       ;; 10
  (data (i32.const 0x1200) "I write to you in plain words, as I always do.\n")  ;; 47
  (data (i32.const 0x1300) "What becomes of them below is not my business.\n")  ;; 47
  (global $PAGE i32 (i32.const 0x1400))                                         ;; 16, for reading
  (data (i32.const 0x1600) "the editor stopped with errno 00\n")                ;; 33
  (global $DIGITS i32 (i32.const 0x161e))                                       ;; the 00 in it
  (global $VECTOR i32 (i32.const 0x1700))    ;; pointer and length of one buffer
  (global $ANSWER i32 (i32.const 0x1710))    ;; an fd, or how many bytes it was

  (global $STDOUT i32 (i32.const 1))
  (global $STDERR i32 (i32.const 2))
  (global $FOLDER i32 (i32.const 3))

  (func (export "_start")
    (local $errno i32)
    (local.set $errno (call $save_letter))
    (if (i32.eqz (local.get $errno)) (then (local.set $errno (call $show_letter))))
    (if (local.get $errno)
      (then
        (call $print_digits (local.get $errno))
        (drop (call $write_all (global.get $STDERR) (i32.const 0x1600) (i32.const 33)))
        (call $proc_exit (i32.const 1)))))

  ;; Each gives 0, or the errno of what went wrong.
  (func $save_letter (result i32)
    (local $letter i32) (local $errno i32)
    (local.set $errno (call $open_letter (i32.const 9) (i64.const 0x40)))   ;; create, truncate; write
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $letter (i32.load (global.get $ANSWER)))
    (block $stop
      (br_if $stop (local.tee $errno
        (call $write_all (local.get $letter) (i32.const 0x1100) (i32.const 10))))
      (br_if $stop (local.tee $errno
        (call $write_all (local.get $letter) (i32.const 0x1200) (i32.const 47))))
      (local.set $errno
        (call $write_all (local.get $letter) (i32.const 0x1300) (i32.const 47))))
    (call $close_letter (local.get $letter) (local.get $errno)))

  (func $show_letter (result i32)
    (local $letter i32) (local $errno i32)
    (local.set $errno (call $open_letter (i32.const 0) (i64.const 0x02)))   ;; read
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $letter (i32.load (global.get $ANSWER)))
    (block $stop
      (loop $more
        (call $set_vector (global.get $PAGE) (i32.const 16))
        (br_if $stop (local.tee $errno
          (call $fd_read
            (local.get $letter) (global.get $VECTOR) (i32.const 1) (global.get $ANSWER))))
        (br_if $stop (i32.eqz (i32.load (global.get $ANSWER))))
        (local.set $errno
          (call $write_all (global.get $STDOUT) (global.get $PAGE)
            (i32.load (global.get $ANSWER))))
        (br_if $more (i32.eqz (local.get $errno)))))
    (call $close_letter (local.get $letter) (local.get $errno)))

  ;; ---- the host's functions, a little more comfortable

  (func $open_letter (param $oflags i32) (param $rights i64) (result i32)
    (call $path_open
      (global.get $FOLDER) (i32.const 0) (i32.const 0x1000) (i32.const 10)
      (local.get $oflags) (local.get $rights) (i64.const 0) (i32.const 0) (global.get $ANSWER)))

  ;; An fd may take fewer bytes than it is offered. Gives 0 or an errno.
  (func $write_all (param $to i32) (param $text i32) (param $len i32) (result i32)
    (local $errno i32) (local $count i32)
    (loop $more
      (call $set_vector (local.get $text) (local.get $len))
      (local.set $errno
        (call $fd_write (local.get $to) (global.get $VECTOR) (i32.const 1) (global.get $ANSWER)))
      (if (local.get $errno) (then (return (local.get $errno))))
      (local.set $count (i32.load (global.get $ANSWER)))
      (if (i32.eqz (local.get $count)) (then (return (i32.const 29))))     ;; EIO: stuck
      (local.set $text (i32.add (local.get $text) (local.get $count)))
      (local.set $len (i32.sub (local.get $len) (local.get $count)))
      (br_if $more (local.get $len)))
    (i32.const 0))

  ;; Closes in any case. If something had gone wrong before, that is the errno that counts.
  (func $close_letter (param $letter i32) (param $errno i32) (result i32)
    (local $closing i32)
    (local.set $closing (call $fd_close (local.get $letter)))
    (select (local.get $errno) (local.get $closing) (local.get $errno)))

  (func $set_vector (param $buf i32) (param $len i32)
    (i32.store offset=0 (global.get $VECTOR) (local.get $buf))
    (i32.store offset=4 (global.get $VECTOR) (local.get $len)))

  ;; WASI's errnos have two digits.
  (func $print_digits (param $n i32)
    (i32.store8 offset=0 (global.get $DIGITS)
      (i32.add (i32.const 0x30) (i32.div_u (local.get $n) (i32.const 10))))
    (i32.store8 offset=1 (global.get $DIGITS)
      (i32.add (i32.const 0x30) (i32.rem_u (local.get $n) (i32.const 10))))))
