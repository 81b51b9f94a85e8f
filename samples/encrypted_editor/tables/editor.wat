;; The editor once more, without references: an fd is a number, the handle of a struct in
;; `struct_table`, and a field holds another, the handle of a bound function in a `bind_table`.
;;
;; What it imports are the tables that stand in for what WebAssembly 1.0 has not: to look into a
;; struct, and to call what is there. Whoever made the struct is not among it.
(module $editor
  (import "memory" "memory" (memory 1))
  (import "struct_table" "get" (func $get (param i32 i32) (result i32)))
  (import "bind_open" "call" (func $call_open (param i32 i32 i32 i32 i32) (result i32)))
  (import "bind_table" "call" (func $call_io (param i32 i32 i32) (result i32)))
  (import "bind_close" "call" (func $call_close (param i32) (result i32)))

  ;; The fields of an fd. Each function gets what a closure of ../editor.wat gets, but for one: `open`
  ;; cannot give two results, and puts the fd at its last parameter, a pointer.
  (global $OPEN i32 (i32.const 0))       ;; path, path_len, flags, pointer → errno
  (global $READ i32 (i32.const 1))       ;; buf, len → bytes or -errno
  (global $WRITE i32 (i32.const 2))      ;; buf, len → bytes or -errno
  (global $CLOSE i32 (i32.const 3))      ;; → errno

  ;; The editor's part of the shared memory is 0x1000 to 0x1fff.
  (data (i32.const 0x1000) "letter.txt")                                        ;; 10 bytes
  (data (i32.const 0x1100) "Dear Ada,\n")                                       ;; 10
  (data (i32.const 0x1200) "I write to you in plain words, as I always do.\n")  ;; 47
  (data (i32.const 0x1300) "What becomes of them below is not my business.\n")  ;; 47
  (global $PAGE i32 (i32.const 0x1400))                                         ;; 16, for reading
  (global $OPENED i32 (i32.const 0x1500))                                       ;; an fd, from `open`

  ;; Gives 0, or the errno of what went wrong.
  (func (export "edit") (param $dir i32) (param $out i32) (result i32)
    (local $errno i32)
    (local.set $errno (call $save_letter (local.get $dir)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (call $show_letter (local.get $dir) (local.get $out)))

  (func $save_letter (param $dir i32) (result i32)
    (local $letter i32) (local $errno i32)
    (local.set $errno
      (call $open_letter (local.get $dir) (i32.const 7)))   ;; create, truncate, for writing
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $letter (i32.load (global.get $OPENED)))
    (block $stop
      (br_if $stop (local.tee $errno
        (call $write_all (local.get $letter) (i32.const 0x1100) (i32.const 10))))
      (br_if $stop (local.tee $errno
        (call $write_all (local.get $letter) (i32.const 0x1200) (i32.const 47))))
      (local.set $errno
        (call $write_all (local.get $letter) (i32.const 0x1300) (i32.const 47))))
    (call $close_letter (local.get $letter) (local.get $errno)))

  (func $show_letter (param $dir i32) (param $out i32) (result i32)
    (local $letter i32) (local $errno i32) (local $count i32)
    (local.set $errno
      (call $open_letter (local.get $dir) (i32.const 0)))   ;; for reading
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $letter (i32.load (global.get $OPENED)))
    (block $stop
      (loop $more
        (local.set $count
          (call $call_io
            (call $get (local.get $letter) (global.get $READ))
            (global.get $PAGE) (i32.const 16)))
        (br_if $stop (i32.eqz (local.get $count)))
        (if (i32.lt_s (local.get $count) (i32.const 0))
          (then
            (local.set $errno (i32.sub (i32.const 0) (local.get $count)))
            (br $stop)))
        (local.set $errno
          (call $write_all (local.get $out) (global.get $PAGE) (local.get $count)))
        (br_if $more (i32.eqz (local.get $errno)))))
    (call $close_letter (local.get $letter) (local.get $errno)))

  ;; ---- an fd's functions, a little more comfortable

  (func $open_letter (param $dir i32) (param $flags i32) (result i32)
    (call $call_open
      (call $get (local.get $dir) (global.get $OPEN))
      (i32.const 0x1000) (i32.const 10) (local.get $flags) (global.get $OPENED)))

  ;; An fd may take fewer bytes than it is offered. Gives 0 or an errno.
  (func $write_all (param $to i32) (param $text i32) (param $len i32) (result i32)
    (local $count i32)
    (loop $more
      (local.set $count
        (call $call_io
          (call $get (local.get $to) (global.get $WRITE))
          (local.get $text) (local.get $len)))
      (if (i32.lt_s (local.get $count) (i32.const 0))
        (then (return (i32.sub (i32.const 0) (local.get $count)))))
      (if (i32.eqz (local.get $count)) (then (return (i32.const 29))))     ;; EIO: stuck
      (local.set $text (i32.add (local.get $text) (local.get $count)))
      (local.set $len (i32.sub (local.get $len) (local.get $count)))
      (br_if $more (local.get $len)))
    (i32.const 0))

  ;; Closes in any case. If something had gone wrong before, that is the errno that counts.
  (func $close_letter (param $letter i32) (param $errno i32) (result i32)
    (local $closing i32)
    (local.set $closing (call $call_close (call $get (local.get $letter) (global.get $CLOSE))))
    (select (local.get $errno) (local.get $closing) (local.get $errno))))
