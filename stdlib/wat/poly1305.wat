;; Poly1305, the message authentication code of RFC 8439, §2.5.
;;
;; A number of 130 bits is five limbs of 26, so that a sum of their products fits into an i64. The sum
;; so far is kept in memory as five i32, the *state*: a text may come in pieces.
;;
;; Plain WebAssembly, whose only import is the memory that texts and keys lie in.
(module $poly1305
  (import "memory" "memory" (memory 1))

  ;; Takes $blocks × 16 bytes at $at into the state: each as a number with a bit set above it. $r is
  ;; the first half of the key. All zeros is the state to begin with.
  (func $update (export "update")
    (param $state i32) (param $r i32) (param $at i32) (param $blocks i32)
    (local $h0 i64) (local $h1 i64) (local $h2 i64) (local $h3 i64) (local $h4 i64)
    (local $t0 i64) (local $t1 i64) (local $t2 i64) (local $t3 i64) (local $t4 i64)
    (local $r0 i64) (local $r1 i64) (local $r2 i64) (local $r3 i64) (local $r4 i64)
    (local $s1 i64) (local $s2 i64) (local $s3 i64) (local $s4 i64)
    (local $d0 i64) (local $d1 i64) (local $d2 i64) (local $d3 i64) (local $d4 i64)
    (local $lo i64) (local $hi i64) (local $end i32)
    (local.set $lo (i64.and (i64.load (local.get $r)) (i64.const 0x0fff_fffc_0fff_ffff)))
    (local.set $hi (i64.and (i64.load offset=8 (local.get $r)) (i64.const 0x0fff_fffc_0fff_fffc)))
    (local.set $r0 (i64.and (local.get $lo) (i64.const 0x3ff_ffff)))
    (local.set $r1 (i64.and (i64.shr_u (local.get $lo) (i64.const 26)) (i64.const 0x3ff_ffff)))
    (local.set $r2 (i64.and (i64.const 0x3ff_ffff)
      (i64.or (i64.shr_u (local.get $lo) (i64.const 52)) (i64.shl (local.get $hi) (i64.const 12)))))
    (local.set $r3 (i64.and (i64.shr_u (local.get $hi) (i64.const 14)) (i64.const 0x3ff_ffff)))
    (local.set $r4 (i64.and (i64.shr_u (local.get $hi) (i64.const 40)) (i64.const 0x3ff_ffff)))
    ;; What is above 2^130 comes in again below, five times.
    (local.set $s1 (i64.mul (local.get $r1) (i64.const 5)))
    (local.set $s2 (i64.mul (local.get $r2) (i64.const 5)))
    (local.set $s3 (i64.mul (local.get $r3) (i64.const 5)))
    (local.set $s4 (i64.mul (local.get $r4) (i64.const 5)))
    (local.set $h0 (i64.and (i64.load32_u (local.get $state)) (i64.const 0x7ff_ffff)))
    (local.set $h1 (i64.and (i64.load32_u offset=4 (local.get $state)) (i64.const 0x7ff_ffff)))
    (local.set $h2 (i64.and (i64.load32_u offset=8 (local.get $state)) (i64.const 0x7ff_ffff)))
    (local.set $h3 (i64.and (i64.load32_u offset=12 (local.get $state)) (i64.const 0x7ff_ffff)))
    (local.set $h4 (i64.and (i64.load32_u offset=16 (local.get $state)) (i64.const 0x7ff_ffff)))
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $blocks) (i32.const 4))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (local.set $lo (i64.load (local.get $at)))
        (local.set $hi (i64.load offset=8 (local.get $at)))
        (local.set $t0 (i64.add (local.get $h0)
          (i64.and (local.get $lo) (i64.const 0x3ff_ffff))))
        (local.set $t1 (i64.add (local.get $h1)
          (i64.and (i64.shr_u (local.get $lo) (i64.const 26)) (i64.const 0x3ff_ffff))))
        (local.set $t2 (i64.add (local.get $h2)
          (i64.or
            (i64.shr_u (local.get $lo) (i64.const 52))
            (i64.shl (i64.and (local.get $hi) (i64.const 0x3fff)) (i64.const 12)))))
        (local.set $t3 (i64.add (local.get $h3)
          (i64.and (i64.shr_u (local.get $hi) (i64.const 14)) (i64.const 0x3ff_ffff))))
        (local.set $t4 (i64.add (local.get $h4)
          (i64.or (i64.shr_u (local.get $hi) (i64.const 40)) (i64.const 0x100_0000))))
        (local.set $d0 (i64.add (i64.add
          (i64.add (i64.mul (local.get $t0) (local.get $r0))
            (i64.mul (local.get $t1) (local.get $s4)))
          (i64.add (i64.mul (local.get $t2) (local.get $s3))
            (i64.mul (local.get $t3) (local.get $s2))))
          (i64.mul (local.get $t4) (local.get $s1))))
        (local.set $d1 (i64.add (i64.add
          (i64.add (i64.mul (local.get $t0) (local.get $r1))
            (i64.mul (local.get $t1) (local.get $r0)))
          (i64.add (i64.mul (local.get $t2) (local.get $s4))
            (i64.mul (local.get $t3) (local.get $s3))))
          (i64.add (i64.mul (local.get $t4) (local.get $s2))
            (i64.shr_u (local.get $d0) (i64.const 26)))))
        (local.set $d2 (i64.add (i64.add
          (i64.add (i64.mul (local.get $t0) (local.get $r2))
            (i64.mul (local.get $t1) (local.get $r1)))
          (i64.add (i64.mul (local.get $t2) (local.get $r0))
            (i64.mul (local.get $t3) (local.get $s4))))
          (i64.add (i64.mul (local.get $t4) (local.get $s3))
            (i64.shr_u (local.get $d1) (i64.const 26)))))
        (local.set $d3 (i64.add (i64.add
          (i64.add (i64.mul (local.get $t0) (local.get $r3))
            (i64.mul (local.get $t1) (local.get $r2)))
          (i64.add (i64.mul (local.get $t2) (local.get $r1))
            (i64.mul (local.get $t3) (local.get $r0))))
          (i64.add (i64.mul (local.get $t4) (local.get $s4))
            (i64.shr_u (local.get $d2) (i64.const 26)))))
        (local.set $d4 (i64.add (i64.add
          (i64.add (i64.mul (local.get $t0) (local.get $r4))
            (i64.mul (local.get $t1) (local.get $r3)))
          (i64.add (i64.mul (local.get $t2) (local.get $r2))
            (i64.mul (local.get $t3) (local.get $r1))))
          (i64.add (i64.mul (local.get $t4) (local.get $r0))
            (i64.shr_u (local.get $d3) (i64.const 26)))))
        (local.set $h2 (i64.and (local.get $d2) (i64.const 0x3ff_ffff)))
        (local.set $h3 (i64.and (local.get $d3) (i64.const 0x3ff_ffff)))
        (local.set $h4 (i64.and (local.get $d4) (i64.const 0x3ff_ffff)))
        (local.set $lo (i64.add
          (i64.and (local.get $d0) (i64.const 0x3ff_ffff))
          (i64.mul (i64.shr_u (local.get $d4) (i64.const 26)) (i64.const 5))))
        (local.set $h0 (i64.and (local.get $lo) (i64.const 0x3ff_ffff)))
        ;; This limb alone may stay larger than 26 bits, by one.
        (local.set $h1 (i64.and (i64.const 0x7ff_ffff) (i64.add
          (i64.and (local.get $d1) (i64.const 0x3ff_ffff))
          (i64.shr_u (local.get $lo) (i64.const 26)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    (i64.store32 (local.get $state) (local.get $h0))
    (i64.store32 offset=4 (local.get $state) (local.get $h1))
    (i64.store32 offset=8 (local.get $state) (local.get $h2))
    (i64.store32 offset=12 (local.get $state) (local.get $h3))
    (i64.store32 offset=16 (local.get $state) (local.get $h4)))

  ;; The tag of a text whose state this is, to $to: the sum modulo 2^130 - 5, and the second half of
  ;; the key added, modulo 2^128.
  (func $finish (export "finish") (param $state i32) (param $s i32) (param $to i32)
    (local $h0 i64) (local $h1 i64) (local $h2 i64) (local $h3 i64) (local $h4 i64)
    (local $carry i64) (local $lo i64) (local $hi i64) (local $sum i64)
    (local.set $h0 (i64.load32_u (local.get $state)))
    (local.set $h1 (i64.load32_u offset=4 (local.get $state)))
    (local.set $h2 (i64.load32_u offset=8 (local.get $state)))
    (local.set $h3 (i64.load32_u offset=12 (local.get $state)))
    (local.set $h4 (i64.load32_u offset=16 (local.get $state)))
    ;; Now each limb has 26 bits; what is above the last one comes in again below.
    (local.set $h2 (i64.add (local.get $h2) (i64.shr_u (local.get $h1) (i64.const 26))))
    (local.set $h1 (i64.and (local.get $h1) (i64.const 0x3ff_ffff)))
    (local.set $h3 (i64.add (local.get $h3) (i64.shr_u (local.get $h2) (i64.const 26))))
    (local.set $h2 (i64.and (local.get $h2) (i64.const 0x3ff_ffff)))
    (local.set $h4 (i64.add (local.get $h4) (i64.shr_u (local.get $h3) (i64.const 26))))
    (local.set $h3 (i64.and (local.get $h3) (i64.const 0x3ff_ffff)))
    (local.set $h0 (i64.add (local.get $h0)
      (i64.mul (i64.shr_u (local.get $h4) (i64.const 26)) (i64.const 5))))
    (local.set $h4 (i64.and (local.get $h4) (i64.const 0x3ff_ffff)))
    (local.set $h1 (i64.add (local.get $h1) (i64.shr_u (local.get $h0) (i64.const 26))))
    (local.set $h0 (i64.and (local.get $h0) (i64.const 0x3ff_ffff)))
    (local.set $h2 (i64.add (local.get $h2) (i64.shr_u (local.get $h1) (i64.const 26))))
    (local.set $h1 (i64.and (local.get $h1) (i64.const 0x3ff_ffff)))
    ;; The number is below 2^130 + 2^26; it is at least 2^130 - 5 exactly if adding 5 reaches 2^130.
    (local.set $carry (i64.shr_u (i64.add (local.get $h0) (i64.const 5)) (i64.const 26)))
    (local.set $carry (i64.shr_u (i64.add (local.get $h1) (local.get $carry)) (i64.const 26)))
    (local.set $carry (i64.shr_u (i64.add (local.get $h2) (local.get $carry)) (i64.const 26)))
    (local.set $carry (i64.shr_u (i64.add (local.get $h3) (local.get $carry)) (i64.const 26)))
    (local.set $carry (i64.shr_u (i64.add (local.get $h4) (local.get $carry)) (i64.const 26)))
    (local.set $h0 (i64.add (local.get $h0) (i64.mul (local.get $carry) (i64.const 5))))
    ;; As 128 bits, with the carries that the limbs may still have.
    (local.set $lo (i64.add (local.get $h0) (i64.shl (local.get $h1) (i64.const 26))))
    (local.set $sum (i64.add (local.get $lo) (i64.shl (local.get $h2) (i64.const 52))))
    (local.set $hi (i64.add
      (i64.add
        (i64.extend_i32_u (i64.lt_u (local.get $sum) (local.get $lo)))
        (i64.shr_u (local.get $h2) (i64.const 12)))
      (i64.add
        (i64.shl (local.get $h3) (i64.const 14))
        (i64.shl (local.get $h4) (i64.const 40)))))
    (local.set $lo (i64.add (local.get $sum) (i64.load (local.get $s))))
    (local.set $hi (i64.add (local.get $hi) (i64.add
      (i64.load offset=8 (local.get $s))
      (i64.extend_i32_u (i64.lt_u (local.get $lo) (local.get $sum))))))
    (i64.store (local.get $to) (local.get $lo))
    (i64.store offset=8 (local.get $to) (local.get $hi))))
