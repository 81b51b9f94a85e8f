;; ChaCha20, the stream cipher of RFC 8439.
;;
;; Keys and nonces come as 32-bit words in parameters, never through memory: several modules share
;; the memory, and a key that never lies there cannot be read there.
;;
;; Plain WebAssembly, whose only import is the memory that the texts lie in.
(module $chacha20
  (import "memory" "memory" (memory 1))

  ;; §2.1: stirs four of the sixteen words of the state.
  (func $quarter_round (export "chacha20_quarter_round")
    (param $a i32) (param $b i32) (param $c i32) (param $d i32)
    (result i32 i32 i32 i32)
    (local.set $a (i32.add (local.get $a) (local.get $b)))
    (local.set $d (i32.rotl (i32.xor (local.get $d) (local.get $a)) (i32.const 16)))
    (local.set $c (i32.add (local.get $c) (local.get $d)))
    (local.set $b (i32.rotl (i32.xor (local.get $b) (local.get $c)) (i32.const 12)))
    (local.set $a (i32.add (local.get $a) (local.get $b)))
    (local.set $d (i32.rotl (i32.xor (local.get $d) (local.get $a)) (i32.const 8)))
    (local.set $c (i32.add (local.get $c) (local.get $d)))
    (local.set $b (i32.rotl (i32.xor (local.get $b) (local.get $c)) (i32.const 7)))
    (local.get $a) (local.get $b) (local.get $c) (local.get $d))

  ;; §2.3: writes the 64 bytes of keystream block $counter to $out.
  ;; The state is sixteen words: four constants, the key, the counter, the nonce. Written as four
  ;; rows, they are stirred by columns and by diagonals, in turns.
  (func $block (export "chacha20_block")
    (param $k0 i32) (param $k1 i32) (param $k2 i32) (param $k3 i32)
    (param $k4 i32) (param $k5 i32) (param $k6 i32) (param $k7 i32)
    (param $counter i32)
    (param $n0 i32) (param $n1 i32) (param $n2 i32)
    (param $out i32)
    (local $x0 i32) (local $x1 i32) (local $x2 i32) (local $x3 i32)
    (local $x4 i32) (local $x5 i32) (local $x6 i32) (local $x7 i32)
    (local $x8 i32) (local $x9 i32) (local $x10 i32) (local $x11 i32)
    (local $x12 i32) (local $x13 i32) (local $x14 i32) (local $x15 i32)
    (local $double_rounds i32)

    ;; The constants spell "expand 32-byte k".
    (local.set $x0 (i32.const 0x61707865))
    (local.set $x1 (i32.const 0x3320646e))
    (local.set $x2 (i32.const 0x79622d32))
    (local.set $x3 (i32.const 0x6b206574))
    (local.set $x4 (local.get $k0))
    (local.set $x5 (local.get $k1))
    (local.set $x6 (local.get $k2))
    (local.set $x7 (local.get $k3))
    (local.set $x8 (local.get $k4))
    (local.set $x9 (local.get $k5))
    (local.set $x10 (local.get $k6))
    (local.set $x11 (local.get $k7))
    (local.set $x12 (local.get $counter))
    (local.set $x13 (local.get $n0))
    (local.set $x14 (local.get $n1))
    (local.set $x15 (local.get $n2))

    ;; A call leaves four words on the stack; the sets take them off, the last one first.
    (local.set $double_rounds (i32.const 10))
    (loop $again
      ;; the columns
      (call $quarter_round (local.get $x0) (local.get $x4) (local.get $x8) (local.get $x12))
      (local.set $x12) (local.set $x8) (local.set $x4) (local.set $x0)
      (call $quarter_round (local.get $x1) (local.get $x5) (local.get $x9) (local.get $x13))
      (local.set $x13) (local.set $x9) (local.set $x5) (local.set $x1)
      (call $quarter_round (local.get $x2) (local.get $x6) (local.get $x10) (local.get $x14))
      (local.set $x14) (local.set $x10) (local.set $x6) (local.set $x2)
      (call $quarter_round (local.get $x3) (local.get $x7) (local.get $x11) (local.get $x15))
      (local.set $x15) (local.set $x11) (local.set $x7) (local.set $x3)
      ;; the diagonals
      (call $quarter_round (local.get $x0) (local.get $x5) (local.get $x10) (local.get $x15))
      (local.set $x15) (local.set $x10) (local.set $x5) (local.set $x0)
      (call $quarter_round (local.get $x1) (local.get $x6) (local.get $x11) (local.get $x12))
      (local.set $x12) (local.set $x11) (local.set $x6) (local.set $x1)
      (call $quarter_round (local.get $x2) (local.get $x7) (local.get $x8) (local.get $x13))
      (local.set $x13) (local.set $x8) (local.set $x7) (local.set $x2)
      (call $quarter_round (local.get $x3) (local.get $x4) (local.get $x9) (local.get $x14))
      (local.set $x14) (local.set $x9) (local.set $x4) (local.set $x3)
      (br_if $again
        (local.tee $double_rounds (i32.sub (local.get $double_rounds) (i32.const 1)))))

    ;; Adding the first state to the last is what makes a block impossible to run backwards.
    (i32.store offset=0  (local.get $out) (i32.add (local.get $x0) (i32.const 0x61707865)))
    (i32.store offset=4  (local.get $out) (i32.add (local.get $x1) (i32.const 0x3320646e)))
    (i32.store offset=8  (local.get $out) (i32.add (local.get $x2) (i32.const 0x79622d32)))
    (i32.store offset=12 (local.get $out) (i32.add (local.get $x3) (i32.const 0x6b206574)))
    (i32.store offset=16 (local.get $out) (i32.add (local.get $x4) (local.get $k0)))
    (i32.store offset=20 (local.get $out) (i32.add (local.get $x5) (local.get $k1)))
    (i32.store offset=24 (local.get $out) (i32.add (local.get $x6) (local.get $k2)))
    (i32.store offset=28 (local.get $out) (i32.add (local.get $x7) (local.get $k3)))
    (i32.store offset=32 (local.get $out) (i32.add (local.get $x8) (local.get $k4)))
    (i32.store offset=36 (local.get $out) (i32.add (local.get $x9) (local.get $k5)))
    (i32.store offset=40 (local.get $out) (i32.add (local.get $x10) (local.get $k6)))
    (i32.store offset=44 (local.get $out) (i32.add (local.get $x11) (local.get $k7)))
    (i32.store offset=48 (local.get $out) (i32.add (local.get $x12) (local.get $counter)))
    (i32.store offset=52 (local.get $out) (i32.add (local.get $x13) (local.get $n0)))
    (i32.store offset=56 (local.get $out) (i32.add (local.get $x14) (local.get $n1)))
    (i32.store offset=60 (local.get $out) (i32.add (local.get $x15) (local.get $n2))))

  ;; §2.4: XORs $len bytes at $from with the keystream and writes them to $to, which may be $from.
  ;; Encryption and decryption are the same. Any byte of the stream can be the first one, so a text
  ;; may come in pieces of any size.
  (func (export "chacha20_xor")
    (param $k0 i32) (param $k1 i32) (param $k2 i32) (param $k3 i32)
    (param $k4 i32) (param $k5 i32) (param $k6 i32) (param $k7 i32)
    (param $n0 i32) (param $n1 i32) (param $n2 i32)
    (param $position i64)             ;; the first keystream byte to use, counted from block 0
    (param $from i32) (param $to i32) (param $len i32)
    (param $pad i32)                  ;; 64 bytes of work space, for the keystream block in use
    (if (i32.eqz (local.get $len)) (then (return)))
    (block $done
      (loop $next_block
        ;; The counter has 32 bits. Going round would use the stream twice.
        (if (i64.ge_u (local.get $position) (i64.const 0x40_0000_0000)) (then (unreachable)))
        (call $block
          (local.get $k0) (local.get $k1) (local.get $k2) (local.get $k3)
          (local.get $k4) (local.get $k5) (local.get $k6) (local.get $k7)
          (i32.wrap_i64 (i64.shr_u (local.get $position) (i64.const 6)))
          (local.get $n0) (local.get $n1) (local.get $n2)
          (local.get $pad))
        (loop $next_byte
          (i32.store8 (local.get $to)
            (i32.xor
              (i32.load8_u (local.get $from))
              (i32.load8_u
                (i32.add
                  (local.get $pad)
                  (i32.and (i32.wrap_i64 (local.get $position)) (i32.const 63))))))
          (local.set $from (i32.add (local.get $from) (i32.const 1)))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (local.set $position (i64.add (local.get $position) (i64.const 1)))
          (local.set $len (i32.sub (local.get $len) (i32.const 1)))
          (br_if $done (i32.eqz (local.get $len)))
          (br_if $next_byte (i32.and (i32.wrap_i64 (local.get $position)) (i32.const 63))))
        (br $next_block)))))
