;; A compressor of the family LZ77: what was there before is not written again.
;;
;;     0xxxxxxx …            x+1 bytes as they are
;;     1xxxxxxx dist(16)     x+4 bytes again, from so far back
;;
;; `zip` and `unzip` take a pointer and a length, and a pointer to where the new length shall be put;
;; they give a new block, which the caller frees.
(module $LIBZIP
  (import "libc" (instance $libc
    (export "memory" (memory 1))
    (export "malloc" (func (param i32) (result i32)))))
  (alias $libc "memory" (memory))               ;; memory 0, so the one that is meant

  (global $calls (mut i32) (i32.const 0))
  (func (export "calls") (result i32) (global.get $calls))

  (func (export "zip") (param $in i32) (param $size i32) (param $out_size i32) (result i32)
    (local $out i32) (local $to i32) (local $from i32) (local $end i32)
    (local $plain i32) (local $match i32) (local $len i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    ;; At worst a byte more for each 128, and one for the rest.
    (local.set $out (call (func $libc "malloc")
      (i32.add (i32.add (local.get $size) (i32.shr_u (local.get $size) (i32.const 7)))
        (i32.const 8))))
    (local.set $to (local.get $out))
    (local.set $from (local.get $in))
    (local.set $plain (local.get $in))
    (local.set $end (i32.add (local.get $in) (local.get $size)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (call $longest (local.get $in) (local.get $from) (local.get $end))
        (local.set $len)
        (local.set $match)
        (if (i32.lt_u (local.get $len) (i32.const 4))
          (then (local.set $from (i32.add (local.get $from) (i32.const 1))))
          (else
            (local.set $to
              (call $flush (local.get $plain) (local.get $from) (local.get $to)))
            (i32.store8 (local.get $to) (i32.add (local.get $len) (i32.const 124)))
            (i32.store16 offset=1 (local.get $to) (i32.sub (local.get $from) (local.get $match)))
            (local.set $to (i32.add (local.get $to) (i32.const 3)))
            (local.set $from (i32.add (local.get $from) (local.get $len)))
            (local.set $plain (local.get $from))))
        (br $next)))
    (local.set $to (call $flush (local.get $plain) (local.get $end) (local.get $to)))
    (i32.store (local.get $out_size) (i32.sub (local.get $to) (local.get $out)))
    (local.get $out))

  ;; Where the longest piece begins that is the same as what comes, and its length: up to 131 bytes,
  ;; looked for in the 255 before.
  (func $longest (param $in i32) (param $from i32) (param $end i32) (result i32 i32)
    (local $at i32) (local $len i32) (local $best i32) (local $best_len i32)
    (local.set $at (i32.sub (local.get $from) (i32.const 255)))
    (if (i32.lt_s (local.get $at) (local.get $in)) (then (local.set $at (local.get $in))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $from)))
        (local.set $len (i32.const 0))
        (block $differ
          (loop $same
            (br_if $differ (i32.ge_u (i32.add (local.get $from) (local.get $len)) (local.get $end)))
            (br_if $differ (i32.eq (local.get $len) (i32.const 131)))
            (br_if $differ (i32.ne
              (i32.load8_u (i32.add (local.get $at) (local.get $len)))
              (i32.load8_u (i32.add (local.get $from) (local.get $len)))))
            (local.set $len (i32.add (local.get $len) (i32.const 1)))
            (br $same)))
        (if (i32.gt_u (local.get $len) (local.get $best_len))
          (then
            (local.set $best (local.get $at))
            (local.set $best_len (local.get $len))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $best)
    (local.get $best_len))

  ;; Writes bytes as they are, in pieces of up to 128; gives where it has come to.
  (func $flush (param $from i32) (param $end i32) (param $to i32) (result i32)
    (local $count i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $count (i32.sub (local.get $end) (local.get $from)))
        (if (i32.gt_u (local.get $count) (i32.const 128))
          (then (local.set $count (i32.const 128))))
        (i32.store8 (local.get $to) (i32.sub (local.get $count) (i32.const 1)))
        (memory.copy
          (i32.add (local.get $to) (i32.const 1)) (local.get $from) (local.get $count))
        (local.set $to (i32.add (local.get $to) (i32.add (local.get $count) (i32.const 1))))
        (local.set $from (i32.add (local.get $from) (local.get $count)))
        (br $next)))
    (local.get $to))

  (func (export "unzip") (param $in i32) (param $size i32) (param $out_size i32) (result i32)
    (local $out i32) (local $len i32)
    (local.set $len (call $walk (local.get $in) (local.get $size) (i32.const 0)))
    (local.set $out (call (func $libc "malloc") (local.get $len)))
    (drop (call $walk (local.get $in) (local.get $size) (local.get $out)))
    (i32.store (local.get $out_size) (local.get $len))
    (local.get $out))

  ;; Goes through what is zipped; gives the length of it unzipped, which is written to $out if any.
  (func $walk (param $in i32) (param $size i32) (param $out i32) (result i32)
    (local $end i32) (local $byte i32) (local $len i32) (local $total i32) (local $i i32)
    (local.set $end (i32.add (local.get $in) (local.get $size)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $in) (local.get $end)))
        (local.set $byte (i32.load8_u (local.get $in)))
        (if (i32.lt_u (local.get $byte) (i32.const 128))
          (then
            (local.set $len (i32.add (local.get $byte) (i32.const 1)))
            (if (local.get $out)
              (then (memory.copy (i32.add (local.get $out) (local.get $total))
                (i32.add (local.get $in) (i32.const 1)) (local.get $len))))
            (local.set $in (i32.add (local.get $in) (i32.add (local.get $len) (i32.const 1)))))
          (else
            (local.set $len (i32.sub (local.get $byte) (i32.const 124)))
            (if (local.get $out)
              (then (call $again
                (i32.add (local.get $out) (local.get $total))
                (i32.load16_u offset=1 (local.get $in))
                (local.get $len))))
            (local.set $in (i32.add (local.get $in) (i32.const 3)))))
        (local.set $total (i32.add (local.get $total) (local.get $len)))
        (br $next)))
    (local.get $total))

  ;; Byte by byte: a piece may reach into itself.
  (func $again (param $to i32) (param $back i32) (param $len i32)
    (loop $next
      (i32.store8 (local.get $to)
        (i32.load8_u (i32.sub (local.get $to) (local.get $back))))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (local.set $len (i32.sub (local.get $len) (i32.const 1)))
      (br_if $next (local.get $len)))))
