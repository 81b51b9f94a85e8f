;; Gives its child a `wasi_file` that packs, made of the real one. The child cannot get at the real
;; one: what it imports is what it is given here.
;;
;;     watloom run parent.wat
(module $PARENT
  (type $WasiFile (instance
    (export "read" (func (param i32 i32 i32) (result i32)))
    (export "write" (func (param i32 i32 i32) (result i32)))))
  (type $Memory (instance
    (export "memory" (memory 1))))
  (import "wasi_file" (instance $real-wasi (type $WasiFile)))

  ;; An adapter: imports a `wasi_file` and is one. What is written through it gets packed on its
  ;; way, and what is read through it unpacked.
  ;;
  ;; Four to nine equal bytes become three, an asterisk, how many, and the byte: "=======" is sent
  ;; on as "*7=". All else stays as it is, but asterisks are always packed: one alone is "*1*".
  ;;
  ;; The memory is shared with the others; this module adds a page to it for itself:
  ;;
  ;;     +0x0000   24576 bytes   what is being written, packed
  ;;     +0x8000    4096 bytes   what has been read and not been unpacked yet
  (module $VIRTUALIZE
    (type $WasiFile (instance
      (export "read" (func (param i32 i32 i32) (result i32)))
      (export "write" (func (param i32 i32 i32) (result i32)))))
    (import "wasi_file" (instance $wasi-file (type $WasiFile)))
    (import "memory" (instance $memory
      (export "memory" (memory 1))))
    (alias $memory "memory" (memory $shared))

    (global $ASTERISK i32 (i32.const 0x2a))
    (global $EBADF i32 (i32.const -8))
    (global $EIO i32 (i32.const -29))
    (global $EOF i32 (i32.const 256))             ;; no byte: the end of the input

    (global $page (mut i32) (i32.const 0))        ;; the page's address
    (global $next (mut i32) (i32.const 0))        ;; bytes from here …
    (global $end (mut i32) (i32.const 0))         ;; … to here have not been unpacked yet
    (global $byte (mut i32) (i32.const 0))        ;; the run that is being unpacked: this byte …
    (global $run (mut i32) (i32.const 0))         ;; … is still due so many times

    (start $take_a_page)
    (func $take_a_page
      (local $number i32)
      (local.set $number (memory.grow (i32.const 1)))
      (if (i32.eq (local.get $number) (i32.const -1)) (then (unreachable)))      ;; out of memory
      (global.set $page (i32.mul (local.get $number) (i32.const 0x1_0000))))

    ;; ---- writing

    (func (export "write") (param $fd i32) (param $text i32) (param $len i32) (result i32)
      (local $errno i32)
      ;; At worst a text is three times as long when packed, so this much is sure to find room.
      (if (i32.gt_u (local.get $len) (i32.const 0x2000))
        (then (local.set $len (i32.const 0x2000))))
      (local.set $errno
        (call $send
          (local.get $fd)
          (global.get $page)
          (call $pack (local.get $text) (local.get $len))))
      (select (local.get $errno) (local.get $len) (local.get $errno)))

    ;; Packs $len bytes into the page and gives the packed length.
    (func $pack (param $text i32) (param $len i32) (result i32)
      (local $text_end i32) (local $out i32) (local $byte i32) (local $run i32)
      (local.set $text_end (i32.add (local.get $text) (local.get $len)))
      (local.set $out (global.get $page))
      (block $done
        (loop $next_run
          (br_if $done (i32.eq (local.get $text) (local.get $text_end)))
          (local.set $byte (i32.load8_u (local.get $text)))
          (local.set $run (call $run_length (local.get $text) (local.get $text_end)))
          (if (i32.or
                (i32.ge_u (local.get $run) (i32.const 4))
                (i32.eq (local.get $byte) (global.get $ASTERISK)))
            (then
              (i32.store8 offset=0 (local.get $out) (global.get $ASTERISK))
              (i32.store8 offset=1 (local.get $out) (i32.add (i32.const 0x30) (local.get $run)))
              (i32.store8 offset=2 (local.get $out) (local.get $byte))
              (local.set $out (i32.add (local.get $out) (i32.const 3))))
            (else
              (memory.fill (local.get $out) (local.get $byte) (local.get $run))
              (local.set $out (i32.add (local.get $out) (local.get $run)))))
          (local.set $text (i32.add (local.get $text) (local.get $run)))
          (br $next_run)))
      (i32.sub (local.get $out) (global.get $page)))

    ;; How often the byte at $text is there in a row: 1 to 9, as the number is to be one digit.
    (func $run_length (param $text i32) (param $text_end i32) (result i32)
      (local $first i32) (local $run i32)
      (local.set $first (i32.load8_u (local.get $text)))
      (block $stop
        (loop $more
          (local.set $run (i32.add (local.get $run) (i32.const 1)))
          (local.set $text (i32.add (local.get $text) (i32.const 1)))
          (br_if $stop (i32.eq (local.get $run) (i32.const 9)))
          (br_if $stop (i32.eq (local.get $text) (local.get $text_end)))
          (br_if $more (i32.eq (i32.load8_u (local.get $text)) (local.get $first)))))
      (local.get $run))

    ;; Sends all of it, in as many writes as that takes. Gives 0 or a negative errno.
    (func $send (param $fd i32) (param $from i32) (param $len i32) (result i32)
      (local $count i32)
      (block $sent
        (loop $more
          (br_if $sent (i32.eqz (local.get $len)))
          (local.set $count
            (call (func $wasi-file "write")
              (local.get $fd) (local.get $from) (local.get $len)))
          (if (i32.lt_s (local.get $count) (i32.const 0)) (then (return (local.get $count))))
          (if (i32.eqz (local.get $count)) (then (return (global.get $EIO))))
          (local.set $from (i32.add (local.get $from) (local.get $count)))
          (local.set $len (i32.sub (local.get $len) (local.get $count)))
          (br $more)))
      (i32.const 0))

    ;; ---- reading

    (func (export "read") (param $fd i32) (param $buf i32) (param $len i32) (result i32)
      (local $done i32) (local $count i32) (local $status i32)
      ;; What waits to be unpacked is kept for one stream: the standard input.
      (if (local.get $fd) (then (return (global.get $EBADF))))
      (block $enough
        (loop $more
          (br_if $enough (i32.eq (local.get $done) (local.get $len)))
          (if (i32.eqz (global.get $run))
            (then
              ;; Whoever got something already is not kept waiting for the rest of a run.
              (if (local.get $done)
                (then (br_if $enough
                  (i32.lt_u (i32.sub (global.get $end) (global.get $next)) (i32.const 3)))))
              (local.set $status (call $next_run))
              (if (i32.le_s (local.get $status) (i32.const 0))
                (then (return (local.get $status))))))
          (local.set $count (i32.sub (local.get $len) (local.get $done)))
          (if (i32.lt_u (global.get $run) (local.get $count))
            (then (local.set $count (global.get $run))))
          (memory.fill
            (i32.add (local.get $buf) (local.get $done)) (global.get $byte) (local.get $count))
          (global.set $run (i32.sub (global.get $run) (local.get $count)))
          (local.set $done (i32.add (local.get $done) (local.get $count)))
          (br $more)))
      (local.get $done))

    ;; Unpacks one run into $byte and $run. Gives 1, 0 at the end of the input, or a negative errno.
    (func $next_run (result i32)
      (local $byte i32) (local $run i32)
      (local.set $byte (call $take))
      (if (i32.lt_s (local.get $byte) (i32.const 0)) (then (return (local.get $byte))))
      (if (i32.eq (local.get $byte) (global.get $EOF)) (then (return (i32.const 0))))
      (local.set $run (i32.const 1))
      (if (i32.eq (local.get $byte) (global.get $ASTERISK))
        (then
          (local.set $run (i32.sub (call $take) (i32.const 0x30)))
          (local.set $byte (call $take))
          ;; An errno or the end here, or no digit: this was not packed by the function above.
          (if (i32.or
                (i32.gt_u (i32.sub (local.get $run) (i32.const 1)) (i32.const 8))
                (i32.gt_u (local.get $byte) (i32.const 255)))
            (then (return (global.get $EIO))))))
      (global.set $byte (local.get $byte))
      (global.set $run (local.get $run))
      (i32.const 1))

    ;; The next byte of the input, or $EOF, or a negative errno.
    (func $take (result i32)
      (local $count i32)
      (if (i32.eq (global.get $next) (global.get $end))
        (then
          (global.set $next (i32.add (global.get $page) (i32.const 0x8000)))
          (global.set $end (global.get $next))
          (local.set $count
            (call (func $wasi-file "read") (i32.const 0) (global.get $next) (i32.const 0x1000)))
          (if (i32.lt_s (local.get $count) (i32.const 0)) (then (return (local.get $count))))
          (if (i32.eqz (local.get $count)) (then (return (global.get $EOF))))
          (global.set $end (i32.add (global.get $next) (local.get $count)))))
      (i32.load8_u (global.get $next))
      (global.set $next (i32.add (global.get $next) (i32.const 1)))))
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

  ;; `read` and `write` take pointers, so all who pass them on share a memory.
  (module $MEMORY
    (memory (export "memory") 1))

  (instance $memory (instantiate $MEMORY))
  (instance $virt-wasi (instantiate $VIRTUALIZE
    (import "wasi_file" (instance $real-wasi))
    (import "memory" (instance $memory))))
  (instance $child (instantiate $CHILD
    (import "wasi_file" (instance $virt-wasi))
    (import "memory" (instance $memory))))

  ;; Other engines let the real `wasi_file` see only a memory that is exported.
  (export "memory" (memory $memory "memory"))

  (func $work (export "work")
    (call (func $child "play")))

  ;; What `watloom run` calls.
  (func (export "_start")
    (call $work)))
