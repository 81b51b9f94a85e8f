;; ChaCha20, the stream cipher of RFC 8439, four blocks at a time.
;;
;; Lane j of the vector $x7 is word 7 of the jth block. So a step on four blocks costs hardly more
;; than one on a single block.
;;
;; Plain WebAssembly 3.0, whose only import is the memory that texts, keys and tags lie in. Nothing
;; here is secret from whoever has that memory.
(module $chacha20
  (import "memory" "memory" (memory 1))

  ;; §2.4: XORs 256 × $groups bytes at $from with the keystream, from block 0 on, and writes them to
  ;; $to, which may be $from. The key is 32 bytes, the nonce 12.
  (func (export "stream")
    (param $key i32) (param $nonce i32) (param $from i32) (param $to i32) (param $groups i32)
    (call $blocks
      (local.get $key) (v128.const i32x4 0 1 2 3) (local.get $nonce)
      (local.get $from) (local.get $to) (local.get $groups)))

  ;; A key that is good for one file only, from the master key and the file's 16 bytes of random id:
  ;; HChaCha20, as in draft-irtf-cfrg-xchacha, §2.2. With it, the number of texts that a nonce of 12
  ;; bytes is enough for counts anew in each file. $key and $to are 32 bytes; the 256 bytes at $pad
  ;; are lost.
  (func (export "derive") (param $key i32) (param $id i32) (param $to i32) (param $pad i32)
    ;; It is a block of keystream, the id in the place of counter and nonce, without the last sum;
    ;; so that sum is taken back: of the constants in words 0 to 3, of the id in words 12 to 15.
    (memory.fill (local.get $pad) (i32.const 0) (i32.const 256))
    (call $blocks
      (local.get $key) (i32x4.splat (i32.load (local.get $id)))
      (i32.add (local.get $id) (i32.const 4)) (local.get $pad) (local.get $pad) (i32.const 1))
    (v128.store (local.get $to) (i32x4.sub
      (v128.load (local.get $pad))
      (v128.const i32x4 0x61707865 0x3320646e 0x79622d32 0x6b206574)))
    (v128.store offset=16 (local.get $to) (i32x4.sub
      (v128.load offset=48 (local.get $pad)) (v128.load (local.get $id))))
    (memory.fill (local.get $pad) (i32.const 0) (i32.const 256)))

  ;; The same as `stream` with the counters of the first four blocks given.
  (func $blocks
    (param $key i32) (param $count v128) (param $nonce i32)
    (param $from i32) (param $to i32) (param $groups i32)
    (local $k0 v128) (local $k1 v128) (local $k2 v128) (local $k3 v128)
    (local $k4 v128) (local $k5 v128) (local $k6 v128) (local $k7 v128)
    (local $n0 v128) (local $n1 v128) (local $n2 v128)
    (local $x0 v128) (local $x1 v128) (local $x2 v128) (local $x3 v128)
    (local $x4 v128) (local $x5 v128) (local $x6 v128) (local $x7 v128)
    (local $x8 v128) (local $x9 v128) (local $x10 v128) (local $x11 v128)
    (local $x12 v128) (local $x13 v128) (local $x14 v128) (local $x15 v128)
    (local $low v128) (local $even v128) (local $odd v128) (local $rounds i32)
    (if (i32.eqz (local.get $groups)) (then (return)))
    (local.set $k0 (v128.load32_splat offset=0 (local.get $key)))
    (local.set $k1 (v128.load32_splat offset=4 (local.get $key)))
    (local.set $k2 (v128.load32_splat offset=8 (local.get $key)))
    (local.set $k3 (v128.load32_splat offset=12 (local.get $key)))
    (local.set $k4 (v128.load32_splat offset=16 (local.get $key)))
    (local.set $k5 (v128.load32_splat offset=20 (local.get $key)))
    (local.set $k6 (v128.load32_splat offset=24 (local.get $key)))
    (local.set $k7 (v128.load32_splat offset=28 (local.get $key)))
    (local.set $n0 (v128.load32_splat offset=0 (local.get $nonce)))
    (local.set $n1 (v128.load32_splat offset=4 (local.get $nonce)))
    (local.set $n2 (v128.load32_splat offset=8 (local.get $nonce)))
    (local.set $low (v128.const i32x4 0xffffffff 0 0xffffffff 0))
    (loop $next
      ;; The first four words spell "expand 32-byte k".
      (local.set $x0 (i32x4.splat (i32.const 0x61707865)))
      (local.set $x1 (i32x4.splat (i32.const 0x3320646e)))
      (local.set $x2 (i32x4.splat (i32.const 0x79622d32)))
      (local.set $x3 (i32x4.splat (i32.const 0x6b206574)))
      (local.set $x4 (local.get $k0))
      (local.set $x5 (local.get $k1))
      (local.set $x6 (local.get $k2))
      (local.set $x7 (local.get $k3))
      (local.set $x8 (local.get $k4))
      (local.set $x9 (local.get $k5))
      (local.set $x10 (local.get $k6))
      (local.set $x11 (local.get $k7))
      (local.set $x12 (local.get $count))
      (local.set $x13 (local.get $n0))
      (local.set $x14 (local.get $n1))
      (local.set $x15 (local.get $n2))
      (local.set $rounds (i32.const 10))
      (loop $again
        ;; 0 4 8 12
        (local.set $x0 (i32x4.add (local.get $x0) (local.get $x4)))
        (local.set $x12 (v128.xor (local.get $x12) (local.get $x0)))
        (local.set $x12 (v128.or
          (i32x4.shl (local.get $x12) (i32.const 16))
          (i32x4.shr_u (local.get $x12) (i32.const 16))))
        (local.set $x8 (i32x4.add (local.get $x8) (local.get $x12)))
        (local.set $x4 (v128.xor (local.get $x4) (local.get $x8)))
        (local.set $x4 (v128.or
          (i32x4.shl (local.get $x4) (i32.const 12))
          (i32x4.shr_u (local.get $x4) (i32.const 20))))
        (local.set $x0 (i32x4.add (local.get $x0) (local.get $x4)))
        (local.set $x12 (v128.xor (local.get $x12) (local.get $x0)))
        (local.set $x12 (v128.or
          (i32x4.shl (local.get $x12) (i32.const 8))
          (i32x4.shr_u (local.get $x12) (i32.const 24))))
        (local.set $x8 (i32x4.add (local.get $x8) (local.get $x12)))
        (local.set $x4 (v128.xor (local.get $x4) (local.get $x8)))
        (local.set $x4 (v128.or
          (i32x4.shl (local.get $x4) (i32.const 7))
          (i32x4.shr_u (local.get $x4) (i32.const 25))))
        ;; 1 5 9 13
        (local.set $x1 (i32x4.add (local.get $x1) (local.get $x5)))
        (local.set $x13 (v128.xor (local.get $x13) (local.get $x1)))
        (local.set $x13 (v128.or
          (i32x4.shl (local.get $x13) (i32.const 16))
          (i32x4.shr_u (local.get $x13) (i32.const 16))))
        (local.set $x9 (i32x4.add (local.get $x9) (local.get $x13)))
        (local.set $x5 (v128.xor (local.get $x5) (local.get $x9)))
        (local.set $x5 (v128.or
          (i32x4.shl (local.get $x5) (i32.const 12))
          (i32x4.shr_u (local.get $x5) (i32.const 20))))
        (local.set $x1 (i32x4.add (local.get $x1) (local.get $x5)))
        (local.set $x13 (v128.xor (local.get $x13) (local.get $x1)))
        (local.set $x13 (v128.or
          (i32x4.shl (local.get $x13) (i32.const 8))
          (i32x4.shr_u (local.get $x13) (i32.const 24))))
        (local.set $x9 (i32x4.add (local.get $x9) (local.get $x13)))
        (local.set $x5 (v128.xor (local.get $x5) (local.get $x9)))
        (local.set $x5 (v128.or
          (i32x4.shl (local.get $x5) (i32.const 7))
          (i32x4.shr_u (local.get $x5) (i32.const 25))))
        ;; 2 6 10 14
        (local.set $x2 (i32x4.add (local.get $x2) (local.get $x6)))
        (local.set $x14 (v128.xor (local.get $x14) (local.get $x2)))
        (local.set $x14 (v128.or
          (i32x4.shl (local.get $x14) (i32.const 16))
          (i32x4.shr_u (local.get $x14) (i32.const 16))))
        (local.set $x10 (i32x4.add (local.get $x10) (local.get $x14)))
        (local.set $x6 (v128.xor (local.get $x6) (local.get $x10)))
        (local.set $x6 (v128.or
          (i32x4.shl (local.get $x6) (i32.const 12))
          (i32x4.shr_u (local.get $x6) (i32.const 20))))
        (local.set $x2 (i32x4.add (local.get $x2) (local.get $x6)))
        (local.set $x14 (v128.xor (local.get $x14) (local.get $x2)))
        (local.set $x14 (v128.or
          (i32x4.shl (local.get $x14) (i32.const 8))
          (i32x4.shr_u (local.get $x14) (i32.const 24))))
        (local.set $x10 (i32x4.add (local.get $x10) (local.get $x14)))
        (local.set $x6 (v128.xor (local.get $x6) (local.get $x10)))
        (local.set $x6 (v128.or
          (i32x4.shl (local.get $x6) (i32.const 7))
          (i32x4.shr_u (local.get $x6) (i32.const 25))))
        ;; 3 7 11 15
        (local.set $x3 (i32x4.add (local.get $x3) (local.get $x7)))
        (local.set $x15 (v128.xor (local.get $x15) (local.get $x3)))
        (local.set $x15 (v128.or
          (i32x4.shl (local.get $x15) (i32.const 16))
          (i32x4.shr_u (local.get $x15) (i32.const 16))))
        (local.set $x11 (i32x4.add (local.get $x11) (local.get $x15)))
        (local.set $x7 (v128.xor (local.get $x7) (local.get $x11)))
        (local.set $x7 (v128.or
          (i32x4.shl (local.get $x7) (i32.const 12))
          (i32x4.shr_u (local.get $x7) (i32.const 20))))
        (local.set $x3 (i32x4.add (local.get $x3) (local.get $x7)))
        (local.set $x15 (v128.xor (local.get $x15) (local.get $x3)))
        (local.set $x15 (v128.or
          (i32x4.shl (local.get $x15) (i32.const 8))
          (i32x4.shr_u (local.get $x15) (i32.const 24))))
        (local.set $x11 (i32x4.add (local.get $x11) (local.get $x15)))
        (local.set $x7 (v128.xor (local.get $x7) (local.get $x11)))
        (local.set $x7 (v128.or
          (i32x4.shl (local.get $x7) (i32.const 7))
          (i32x4.shr_u (local.get $x7) (i32.const 25))))
        ;; 0 5 10 15
        (local.set $x0 (i32x4.add (local.get $x0) (local.get $x5)))
        (local.set $x15 (v128.xor (local.get $x15) (local.get $x0)))
        (local.set $x15 (v128.or
          (i32x4.shl (local.get $x15) (i32.const 16))
          (i32x4.shr_u (local.get $x15) (i32.const 16))))
        (local.set $x10 (i32x4.add (local.get $x10) (local.get $x15)))
        (local.set $x5 (v128.xor (local.get $x5) (local.get $x10)))
        (local.set $x5 (v128.or
          (i32x4.shl (local.get $x5) (i32.const 12))
          (i32x4.shr_u (local.get $x5) (i32.const 20))))
        (local.set $x0 (i32x4.add (local.get $x0) (local.get $x5)))
        (local.set $x15 (v128.xor (local.get $x15) (local.get $x0)))
        (local.set $x15 (v128.or
          (i32x4.shl (local.get $x15) (i32.const 8))
          (i32x4.shr_u (local.get $x15) (i32.const 24))))
        (local.set $x10 (i32x4.add (local.get $x10) (local.get $x15)))
        (local.set $x5 (v128.xor (local.get $x5) (local.get $x10)))
        (local.set $x5 (v128.or
          (i32x4.shl (local.get $x5) (i32.const 7))
          (i32x4.shr_u (local.get $x5) (i32.const 25))))
        ;; 1 6 11 12
        (local.set $x1 (i32x4.add (local.get $x1) (local.get $x6)))
        (local.set $x12 (v128.xor (local.get $x12) (local.get $x1)))
        (local.set $x12 (v128.or
          (i32x4.shl (local.get $x12) (i32.const 16))
          (i32x4.shr_u (local.get $x12) (i32.const 16))))
        (local.set $x11 (i32x4.add (local.get $x11) (local.get $x12)))
        (local.set $x6 (v128.xor (local.get $x6) (local.get $x11)))
        (local.set $x6 (v128.or
          (i32x4.shl (local.get $x6) (i32.const 12))
          (i32x4.shr_u (local.get $x6) (i32.const 20))))
        (local.set $x1 (i32x4.add (local.get $x1) (local.get $x6)))
        (local.set $x12 (v128.xor (local.get $x12) (local.get $x1)))
        (local.set $x12 (v128.or
          (i32x4.shl (local.get $x12) (i32.const 8))
          (i32x4.shr_u (local.get $x12) (i32.const 24))))
        (local.set $x11 (i32x4.add (local.get $x11) (local.get $x12)))
        (local.set $x6 (v128.xor (local.get $x6) (local.get $x11)))
        (local.set $x6 (v128.or
          (i32x4.shl (local.get $x6) (i32.const 7))
          (i32x4.shr_u (local.get $x6) (i32.const 25))))
        ;; 2 7 8 13
        (local.set $x2 (i32x4.add (local.get $x2) (local.get $x7)))
        (local.set $x13 (v128.xor (local.get $x13) (local.get $x2)))
        (local.set $x13 (v128.or
          (i32x4.shl (local.get $x13) (i32.const 16))
          (i32x4.shr_u (local.get $x13) (i32.const 16))))
        (local.set $x8 (i32x4.add (local.get $x8) (local.get $x13)))
        (local.set $x7 (v128.xor (local.get $x7) (local.get $x8)))
        (local.set $x7 (v128.or
          (i32x4.shl (local.get $x7) (i32.const 12))
          (i32x4.shr_u (local.get $x7) (i32.const 20))))
        (local.set $x2 (i32x4.add (local.get $x2) (local.get $x7)))
        (local.set $x13 (v128.xor (local.get $x13) (local.get $x2)))
        (local.set $x13 (v128.or
          (i32x4.shl (local.get $x13) (i32.const 8))
          (i32x4.shr_u (local.get $x13) (i32.const 24))))
        (local.set $x8 (i32x4.add (local.get $x8) (local.get $x13)))
        (local.set $x7 (v128.xor (local.get $x7) (local.get $x8)))
        (local.set $x7 (v128.or
          (i32x4.shl (local.get $x7) (i32.const 7))
          (i32x4.shr_u (local.get $x7) (i32.const 25))))
        ;; 3 4 9 14
        (local.set $x3 (i32x4.add (local.get $x3) (local.get $x4)))
        (local.set $x14 (v128.xor (local.get $x14) (local.get $x3)))
        (local.set $x14 (v128.or
          (i32x4.shl (local.get $x14) (i32.const 16))
          (i32x4.shr_u (local.get $x14) (i32.const 16))))
        (local.set $x9 (i32x4.add (local.get $x9) (local.get $x14)))
        (local.set $x4 (v128.xor (local.get $x4) (local.get $x9)))
        (local.set $x4 (v128.or
          (i32x4.shl (local.get $x4) (i32.const 12))
          (i32x4.shr_u (local.get $x4) (i32.const 20))))
        (local.set $x3 (i32x4.add (local.get $x3) (local.get $x4)))
        (local.set $x14 (v128.xor (local.get $x14) (local.get $x3)))
        (local.set $x14 (v128.or
          (i32x4.shl (local.get $x14) (i32.const 8))
          (i32x4.shr_u (local.get $x14) (i32.const 24))))
        (local.set $x9 (i32x4.add (local.get $x9) (local.get $x14)))
        (local.set $x4 (v128.xor (local.get $x4) (local.get $x9)))
        (local.set $x4 (v128.or
          (i32x4.shl (local.get $x4) (i32.const 7))
          (i32x4.shr_u (local.get $x4) (i32.const 25))))
        (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
      ;; Adding the first state to the last is what makes a block impossible to run backwards.
      (local.set $x0 (i32x4.add (local.get $x0) (i32x4.splat (i32.const 0x61707865))))
      (local.set $x1 (i32x4.add (local.get $x1) (i32x4.splat (i32.const 0x3320646e))))
      (local.set $x2 (i32x4.add (local.get $x2) (i32x4.splat (i32.const 0x79622d32))))
      (local.set $x3 (i32x4.add (local.get $x3) (i32x4.splat (i32.const 0x6b206574))))
      (local.set $x4 (i32x4.add (local.get $x4) (local.get $k0)))
      (local.set $x5 (i32x4.add (local.get $x5) (local.get $k1)))
      (local.set $x6 (i32x4.add (local.get $x6) (local.get $k2)))
      (local.set $x7 (i32x4.add (local.get $x7) (local.get $k3)))
      (local.set $x8 (i32x4.add (local.get $x8) (local.get $k4)))
      (local.set $x9 (i32x4.add (local.get $x9) (local.get $k5)))
      (local.set $x10 (i32x4.add (local.get $x10) (local.get $k6)))
      (local.set $x11 (i32x4.add (local.get $x11) (local.get $k7)))
      (local.set $x12 (i32x4.add (local.get $x12) (local.get $count)))
      (local.set $x13 (i32x4.add (local.get $x13) (local.get $n0)))
      (local.set $x14 (i32x4.add (local.get $x14) (local.get $n1)))
      (local.set $x15 (i32x4.add (local.get $x15) (local.get $n2)))
      (local.set $count (i32x4.add (local.get $count) (i32x4.splat (i32.const 4))))
      ;; words 0 and 1
      (local.set $even (v128.or
        (v128.and (local.get $x0) (local.get $low))
        (i64x2.shl (local.get $x1) (i32.const 32))))
      (local.set $odd (v128.or
        (i64x2.shr_u (local.get $x0) (i32.const 32))
        (v128.andnot (local.get $x1) (local.get $low))))
      (i64.store offset=0 (local.get $to) (i64.xor (i64.load offset=0 (local.get $from))
        (i64x2.extract_lane 0 (local.get $even))))
      (i64.store offset=64 (local.get $to) (i64.xor (i64.load offset=64 (local.get $from))
        (i64x2.extract_lane 0 (local.get $odd))))
      (i64.store offset=128 (local.get $to) (i64.xor (i64.load offset=128 (local.get $from))
        (i64x2.extract_lane 1 (local.get $even))))
      (i64.store offset=192 (local.get $to) (i64.xor (i64.load offset=192 (local.get $from))
        (i64x2.extract_lane 1 (local.get $odd))))
      ;; words 2 and 3
      (local.set $even (v128.or
        (v128.and (local.get $x2) (local.get $low))
        (i64x2.shl (local.get $x3) (i32.const 32))))
      (local.set $odd (v128.or
        (i64x2.shr_u (local.get $x2) (i32.const 32))
        (v128.andnot (local.get $x3) (local.get $low))))
      (i64.store offset=8 (local.get $to) (i64.xor (i64.load offset=8 (local.get $from))
        (i64x2.extract_lane 0 (local.get $even))))
      (i64.store offset=72 (local.get $to) (i64.xor (i64.load offset=72 (local.get $from))
        (i64x2.extract_lane 0 (local.get $odd))))
      (i64.store offset=136 (local.get $to) (i64.xor (i64.load offset=136 (local.get $from))
        (i64x2.extract_lane 1 (local.get $even))))
      (i64.store offset=200 (local.get $to) (i64.xor (i64.load offset=200 (local.get $from))
        (i64x2.extract_lane 1 (local.get $odd))))
      ;; words 4 and 5
      (local.set $even (v128.or
        (v128.and (local.get $x4) (local.get $low))
        (i64x2.shl (local.get $x5) (i32.const 32))))
      (local.set $odd (v128.or
        (i64x2.shr_u (local.get $x4) (i32.const 32))
        (v128.andnot (local.get $x5) (local.get $low))))
      (i64.store offset=16 (local.get $to) (i64.xor (i64.load offset=16 (local.get $from))
        (i64x2.extract_lane 0 (local.get $even))))
      (i64.store offset=80 (local.get $to) (i64.xor (i64.load offset=80 (local.get $from))
        (i64x2.extract_lane 0 (local.get $odd))))
      (i64.store offset=144 (local.get $to) (i64.xor (i64.load offset=144 (local.get $from))
        (i64x2.extract_lane 1 (local.get $even))))
      (i64.store offset=208 (local.get $to) (i64.xor (i64.load offset=208 (local.get $from))
        (i64x2.extract_lane 1 (local.get $odd))))
      ;; words 6 and 7
      (local.set $even (v128.or
        (v128.and (local.get $x6) (local.get $low))
        (i64x2.shl (local.get $x7) (i32.const 32))))
      (local.set $odd (v128.or
        (i64x2.shr_u (local.get $x6) (i32.const 32))
        (v128.andnot (local.get $x7) (local.get $low))))
      (i64.store offset=24 (local.get $to) (i64.xor (i64.load offset=24 (local.get $from))
        (i64x2.extract_lane 0 (local.get $even))))
      (i64.store offset=88 (local.get $to) (i64.xor (i64.load offset=88 (local.get $from))
        (i64x2.extract_lane 0 (local.get $odd))))
      (i64.store offset=152 (local.get $to) (i64.xor (i64.load offset=152 (local.get $from))
        (i64x2.extract_lane 1 (local.get $even))))
      (i64.store offset=216 (local.get $to) (i64.xor (i64.load offset=216 (local.get $from))
        (i64x2.extract_lane 1 (local.get $odd))))
      ;; words 8 and 9
      (local.set $even (v128.or
        (v128.and (local.get $x8) (local.get $low))
        (i64x2.shl (local.get $x9) (i32.const 32))))
      (local.set $odd (v128.or
        (i64x2.shr_u (local.get $x8) (i32.const 32))
        (v128.andnot (local.get $x9) (local.get $low))))
      (i64.store offset=32 (local.get $to) (i64.xor (i64.load offset=32 (local.get $from))
        (i64x2.extract_lane 0 (local.get $even))))
      (i64.store offset=96 (local.get $to) (i64.xor (i64.load offset=96 (local.get $from))
        (i64x2.extract_lane 0 (local.get $odd))))
      (i64.store offset=160 (local.get $to) (i64.xor (i64.load offset=160 (local.get $from))
        (i64x2.extract_lane 1 (local.get $even))))
      (i64.store offset=224 (local.get $to) (i64.xor (i64.load offset=224 (local.get $from))
        (i64x2.extract_lane 1 (local.get $odd))))
      ;; words 10 and 11
      (local.set $even (v128.or
        (v128.and (local.get $x10) (local.get $low))
        (i64x2.shl (local.get $x11) (i32.const 32))))
      (local.set $odd (v128.or
        (i64x2.shr_u (local.get $x10) (i32.const 32))
        (v128.andnot (local.get $x11) (local.get $low))))
      (i64.store offset=40 (local.get $to) (i64.xor (i64.load offset=40 (local.get $from))
        (i64x2.extract_lane 0 (local.get $even))))
      (i64.store offset=104 (local.get $to) (i64.xor (i64.load offset=104 (local.get $from))
        (i64x2.extract_lane 0 (local.get $odd))))
      (i64.store offset=168 (local.get $to) (i64.xor (i64.load offset=168 (local.get $from))
        (i64x2.extract_lane 1 (local.get $even))))
      (i64.store offset=232 (local.get $to) (i64.xor (i64.load offset=232 (local.get $from))
        (i64x2.extract_lane 1 (local.get $odd))))
      ;; words 12 and 13
      (local.set $even (v128.or
        (v128.and (local.get $x12) (local.get $low))
        (i64x2.shl (local.get $x13) (i32.const 32))))
      (local.set $odd (v128.or
        (i64x2.shr_u (local.get $x12) (i32.const 32))
        (v128.andnot (local.get $x13) (local.get $low))))
      (i64.store offset=48 (local.get $to) (i64.xor (i64.load offset=48 (local.get $from))
        (i64x2.extract_lane 0 (local.get $even))))
      (i64.store offset=112 (local.get $to) (i64.xor (i64.load offset=112 (local.get $from))
        (i64x2.extract_lane 0 (local.get $odd))))
      (i64.store offset=176 (local.get $to) (i64.xor (i64.load offset=176 (local.get $from))
        (i64x2.extract_lane 1 (local.get $even))))
      (i64.store offset=240 (local.get $to) (i64.xor (i64.load offset=240 (local.get $from))
        (i64x2.extract_lane 1 (local.get $odd))))
      ;; words 14 and 15
      (local.set $even (v128.or
        (v128.and (local.get $x14) (local.get $low))
        (i64x2.shl (local.get $x15) (i32.const 32))))
      (local.set $odd (v128.or
        (i64x2.shr_u (local.get $x14) (i32.const 32))
        (v128.andnot (local.get $x15) (local.get $low))))
      (i64.store offset=56 (local.get $to) (i64.xor (i64.load offset=56 (local.get $from))
        (i64x2.extract_lane 0 (local.get $even))))
      (i64.store offset=120 (local.get $to) (i64.xor (i64.load offset=120 (local.get $from))
        (i64x2.extract_lane 0 (local.get $odd))))
      (i64.store offset=184 (local.get $to) (i64.xor (i64.load offset=184 (local.get $from))
        (i64x2.extract_lane 1 (local.get $even))))
      (i64.store offset=248 (local.get $to) (i64.xor (i64.load offset=248 (local.get $from))
        (i64x2.extract_lane 1 (local.get $odd))))
      (local.set $from (i32.add (local.get $from) (i32.const 256)))
      (local.set $to (i32.add (local.get $to) (i32.const 256)))
      (br_if $next (local.tee $groups (i32.sub (local.get $groups) (i32.const 1)))))))
