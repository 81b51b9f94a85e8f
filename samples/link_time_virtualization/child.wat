;; Draws a boat on fd 1, then reads fd 0 to its end and says how much that was.
;;
;; It was written without a thought of its parent: it wants a `wasi_file` and a memory, whichever.
(module $CHILD
  ;; fd, pointer, length → how many bytes, or a negative errno
  (import "wasi_file" (instance $wasi-file
    (export "read" (func (param i32 i32 i32) (result i32)))
    (export "write" (func (param i32 i32 i32) (result i32)))))
  (import "memory" (instance $memory
    (export "memory" (memory 1))))
  (alias $memory "memory" (memory $shared))

  (data (i32.const 0x0000)
    "              |\\\n"
    "              | \\\n"
    "              |__\\\n"
    "     \\=================/\n"
    "      \\_______________/\n"
    "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n")              ;; 136 bytes
  (data (i32.const 0x0100) "Bytes read: ")              ;; 12
  (data (i32.const 0x0120) "\n")                        ;; 1
  (global $PAGE i32 (i32.const 0x0200))                 ;; 64, for reading
  (global $DIGITS_END i32 (i32.const 0x0300))           ;; digits go in front of it

  (func $play (export "play")
    (local $count i32) (local $total i32)
    (call $print (i32.const 0x0000) (i32.const 136))
    (loop $more
      (local.set $count
        (call (func $wasi-file "read") (i32.const 0) (global.get $PAGE) (i32.const 64)))
      (if (i32.lt_s (local.get $count) (i32.const 0)) (then (unreachable)))
      (local.set $total (i32.add (local.get $total) (local.get $count)))
      (br_if $more (local.get $count)))
    (call $print (i32.const 0x0100) (i32.const 12))
    (call $print_number (local.get $total))
    (call $print (i32.const 0x0120) (i32.const 1)))

  (func $print (param $text i32) (param $len i32)
    (local $count i32)
    (loop $more
      (local.set $count
        (call (func $wasi-file "write") (i32.const 1) (local.get $text) (local.get $len)))
      (if (i32.le_s (local.get $count) (i32.const 0)) (then (unreachable)))
      (local.set $text (i32.add (local.get $text) (local.get $count)))
      (local.set $len (i32.sub (local.get $len) (local.get $count)))
      (br_if $more (local.get $len))))

  (func $print_number (param $n i32)
    (local $digit i32)
    (local.set $digit (global.get $DIGITS_END))
    (loop $more
      (local.set $digit (i32.sub (local.get $digit) (i32.const 1)))
      (i32.store8 (local.get $digit)
        (i32.add (i32.const 0x30) (i32.rem_u (local.get $n) (i32.const 10))))
      (local.set $n (i32.div_u (local.get $n) (i32.const 10)))
      (br_if $more (local.get $n)))
    (call $print (local.get $digit) (i32.sub (global.get $DIGITS_END) (local.get $digit)))))
