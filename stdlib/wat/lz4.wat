;; Compression of the family LZ77, in LZ4's block format: pieces that were there before are not
;; written again.
;;
;;     token: how many literals (high 4 bits), how long the match is, less 4 (low 4 bits)
;;     …      where either is 15, more of it: bytes to be added, up to the first that is not 255
;;     …      the literals
;;     …      how far back the match begins (2 bytes)     not after the last literals
;;
;; https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
;;
;; Plain WebAssembly, whose only import is the memory.
(module $lz4
  (import "memory" "memory" (memory 1))

  ;; Packs $len bytes at $from, at most 65535, to $to. Gives how many bytes that made; 0 where it
  ;; would be $len or more: then what is at $to, up to there, means nothing. The 16 KiB at $table
  ;; are lost.
  (func (export "pack")
    (param $from i32) (param $len i32) (param $to i32) (param $table i32)
    (result i32)
    (local $at i32) (local $end i32) (local $last i32) (local $match i32) (local $slot i32)
    (local $four i32) (local $misses i32) (local $length i32) (local $out i32) (local $room i32)
    (local.set $end (i32.add (local.get $from) (local.get $len)))
    ;; By the format no match begins in the last 12 bytes or reaches into the last 5.
    (local.set $last (i32.sub (local.get $end) (i32.const 12)))
    (local.set $room (i32.add (local.get $to) (local.get $len)))
    (local.set $out (local.get $to))
    (local.set $at (local.get $from))
    (memory.fill (local.get $table) (i32.const 0) (i32.const 0x4000))
    ;; $from is where literals begin that are not written yet.
    (local.set $misses (i32.const 64))
    (block $done
      (loop $next
        (br_if $done (i32.ge_s (local.get $at) (local.get $last)))
        ;; Where did the next four bytes occur? The table has one place for all with equal hashes.
        (local.set $four (i32.load (local.get $at)))
        (local.set $slot
          (i32.add
            (local.get $table)
            (i32.and
              (i32.shr_u (i32.mul (local.get $four) (i32.const 0x9e37_79b1)) (i32.const 18))
              (i32.const 0x3ffc))))
        (local.set $match (i32.load (local.get $slot)))
        (i32.store (local.get $slot) (local.get $at))
        (if (i32.eqz (local.get $match))
          (then
            (local.set $at
              (i32.add (local.get $at) (i32.shr_u (local.get $misses) (i32.const 6))))
            (local.set $misses (i32.add (local.get $misses) (i32.const 1)))
            (br $next)))
        (if (i32.ne (i32.load (local.get $match)) (local.get $four))
          (then      ;; the longer nothing is found, the less closely is looked
            (local.set $at
              (i32.add (local.get $at) (i32.shr_u (local.get $misses) (i32.const 6))))
            (local.set $misses (i32.add (local.get $misses) (i32.const 1)))
            (br $next)))
        (local.set $misses (i32.const 64))
        (local.set $length (call $common
          (local.get $match) (local.get $at) (i32.sub (local.get $end) (i32.const 5))))
        (local.set $out (call $write
          (local.get $from) (local.get $at) (i32.sub (local.get $length) (i32.const 4))
          (local.get $out) (local.get $room)))
        (if (i32.eqz (local.get $out)) (then (return (i32.const 0))))
        (i32.store16 (local.get $out) (i32.sub (local.get $at) (local.get $match)))
        (local.set $out (call $write_more
          (i32.add (local.get $out) (i32.const 2)) (i32.sub (local.get $length) (i32.const 4))))
        (local.set $at (i32.add (local.get $at) (local.get $length)))
        (local.set $from (local.get $at))
        (br $next)))
    (local.set $out (call $write
      (local.get $from) (local.get $end) (i32.const 0) (local.get $out) (local.get $room)))
    (if (result i32) (local.get $out)
      (then (i32.sub (local.get $out) (local.get $to)))
      (else (i32.const 0))))

  ;; How many bytes at $a and $b, which is before $end, are the same: the first four are.
  (func $common (param $a i32) (param $b i32) (param $end i32) (result i32)
    (local $start i32) (local $different i64)
    (local.set $start (local.get $b))
    (local.set $a (i32.add (local.get $a) (i32.const 4)))
    (local.set $b (i32.add (local.get $b) (i32.const 4)))
    (block $found
      (loop $next
        (br_if $found
          (i32.gt_u (i32.add (local.get $b) (i32.const 8)) (local.get $end)))
        (local.set $different
          (i64.xor (i64.load (local.get $a)) (i64.load (local.get $b))))
        (if (i64.ne (local.get $different) (i64.const 0))
          (then (return
            (i32.add
              (i32.sub (local.get $b) (local.get $start))
              (i32.wrap_i64 (i64.shr_u (i64.ctz (local.get $different)) (i64.const 3)))))))
        (local.set $a (i32.add (local.get $a) (i32.const 8)))
        (local.set $b (i32.add (local.get $b) (i32.const 8)))
        (br $next)))
    (block $found
      (loop $next
        (br_if $found (i32.ge_u (local.get $b) (local.get $end)))
        (br_if $found
          (i32.ne (i32.load8_u (local.get $a)) (i32.load8_u (local.get $b))))
        (local.set $a (i32.add (local.get $a) (i32.const 1)))
        (local.set $b (i32.add (local.get $b) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $b) (local.get $start)))

  ;; Writes a token and the literals from $from to $end. Gives where it has come to; 0 where there
  ;; is not room for them and a match of $match bytes.
  (func $write
    (param $from i32) (param $end i32) (param $match i32) (param $out i32) (param $room i32)
    (result i32)
    (local $count i32)
    (local.set $count (i32.sub (local.get $end) (local.get $from)))
    ;; More than enough: a byte for each 128, and what always comes with it.
    (if (i32.ge_u
          (i32.add
            (i32.add (local.get $out) (i32.add (local.get $count) (i32.const 5)))
            (i32.shr_u (i32.add (local.get $count) (local.get $match)) (i32.const 7)))
          (local.get $room))
      (then (return (i32.const 0))))
    (i32.store8 (local.get $out)
      (i32.or
        (i32.shl (call $nibble (local.get $count)) (i32.const 4))
        (call $nibble (local.get $match))))
    (local.set $out
      (call $write_more (i32.add (local.get $out) (i32.const 1)) (local.get $count)))
    (memory.copy (local.get $out) (local.get $from) (local.get $count))
    (i32.add (local.get $out) (local.get $count)))

  (func $nibble (param $n i32) (result i32)
    (select (local.get $n) (i32.const 15) (i32.lt_u (local.get $n) (i32.const 15))))

  ;; Writes what of $n has no room in a token. Gives where it has come to.
  (func $write_more (param $out i32) (param $n i32) (result i32)
    (if (i32.lt_u (local.get $n) (i32.const 15)) (then (return (local.get $out))))
    (local.set $n (i32.sub (local.get $n) (i32.const 15)))
    (block $done
      (loop $next
        (br_if $done (i32.lt_u (local.get $n) (i32.const 255)))
        (i32.store8 (local.get $out) (i32.const 255))
        (local.set $out (i32.add (local.get $out) (i32.const 1)))
        (local.set $n (i32.sub (local.get $n) (i32.const 255)))
        (br $next)))
    (i32.store8 (local.get $out) (local.get $n))
    (i32.add (local.get $out) (i32.const 1)))

  ;; ---- the reverse

  ;; Unpacks $len bytes at $from to $to. Gives 1 where that makes exactly $size bytes, 0 for what
  ;; was never packed like that; nothing outside is read or written either way.
  (func (export "unpack")
    (param $from i32) (param $len i32) (param $to i32) (param $size i32)
    (result i32)
    (local $start i32) (local $end i32) (local $stop i32)
    (local $token i32) (local $count i32) (local $back i32) (local $piece i32)
    (local.set $start (local.get $to))
    (local.set $end (i32.add (local.get $from) (local.get $len)))
    (local.set $stop (i32.add (local.get $to) (local.get $size)))
    (loop $next
      (if (i32.ge_u (local.get $from) (local.get $end)) (then (return (i32.const 0))))
      (local.set $token (i32.load8_u (local.get $from)))
      (call $read_more
        (i32.add (local.get $from) (i32.const 1)) (local.get $end)
        (i32.shr_u (local.get $token) (i32.const 4)))
      (local.set $count) (local.set $from)
      (if (i32.or
            (i32.gt_u (local.get $count) (i32.sub (local.get $end) (local.get $from)))
            (i32.gt_u (local.get $count) (i32.sub (local.get $stop) (local.get $to))))
        (then (return (i32.const 0))))
      (memory.copy (local.get $to) (local.get $from) (local.get $count))
      (local.set $to (i32.add (local.get $to) (local.get $count)))
      (local.set $from (i32.add (local.get $from) (local.get $count)))
      (if (i32.eq (local.get $from) (local.get $end))
        (then (return (i32.eq (local.get $to) (local.get $stop)))))

      (if (i32.lt_u (i32.sub (local.get $end) (local.get $from)) (i32.const 2))
        (then (return (i32.const 0))))
      (local.set $back (i32.load16_u (local.get $from)))
      (call $read_more
        (i32.add (local.get $from) (i32.const 2)) (local.get $end)
        (i32.and (local.get $token) (i32.const 15)))
      (local.set $count) (local.set $from)
      (local.set $count (i32.add (local.get $count) (i32.const 4)))
      (if (i32.or
            (i32.or
              (i32.eqz (local.get $back))
              (i32.gt_u (local.get $back) (i32.sub (local.get $to) (local.get $start))))
            (i32.gt_u (local.get $count) (i32.sub (local.get $stop) (local.get $to))))
        (then (return (i32.const 0))))
      ;; A match may reach into itself. What there is of it is copied, so each time more of it.
      (local.set $back (i32.sub (local.get $to) (local.get $back)))
      (loop $more
        (local.set $piece (i32.sub (local.get $to) (local.get $back)))
        (if (i32.gt_u (local.get $piece) (local.get $count))
          (then (local.set $piece (local.get $count))))
        (memory.copy (local.get $to) (local.get $back) (local.get $piece))
        (local.set $to (i32.add (local.get $to) (local.get $piece)))
        (br_if $more
          (local.tee $count (i32.sub (local.get $count) (local.get $piece)))))
      (br $next))
    (unreachable))

  ;; A number whose first part is $n: where it ends, and what it is. Beyond $end there are zeros.
  (func $read_more (param $from i32) (param $end i32) (param $n i32) (result i32 i32)
    (local $byte i32)
    (if (i32.ne (local.get $n) (i32.const 15))
      (then (return (local.get $from) (local.get $n))))
    (loop $next
      (if (i32.ge_u (local.get $from) (local.get $end))
        (then (return (local.get $end) (local.get $n))))
      (local.set $byte (i32.load8_u (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (local.set $n (i32.add (local.get $n) (local.get $byte)))
      (br_if $next (i32.eq (local.get $byte) (i32.const 255))))
    (local.get $from)
    (local.get $n)))
