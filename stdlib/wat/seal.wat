;; What makes a block file (block_log.wat) an encrypted one: ChaCha20-Poly1305 (RFC 8439) around each
;; block, and around the file's header.
;;
;;     file key = HChaCha20(the key, the file's id)
;;     sum key  = HChaCha20(file key, "\ff\ff\ff\ffwatloom sum")
;;
;;     a header's texts   authenticated: its first 24 bytes (magic, id); encrypted: its last 64
;;     a block's texts    authenticated: the file's id, the block's number, its length, and how many
;;                        bytes are stored; encrypted: the block
;;
;; Nonces are read from the random source, each when it is needed: bytes that lie ready would be used
;; twice by two copies of a program.
;;
;; In memory this module has 0x0200 to 0x07ff for itself, the keys among it.
(module $seal
  (rec
    (type $open (func (param i32 i32 i32) (result i32 (ref null $fd))))
    (type $read (func (param i32 i32) (result i32)))
    (type $write (func (param i32 i32) (result i32)))
    (type $close (func (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))

  ;; Memory 0 is what fds below may look at: it has nothing in it but what they are handed.
  (import "outside" "memory" (memory $outside 3))
  (import "memory" "memory" (memory $own 4))
  (import "chacha20" "stream" (func $stream (param i32 i32 i32 i32 i32)))
  (import "chacha20" "derive" (func $derive (param i32 i32 i32 i32)))
  (import "poly1305" "update" (func $update (param i32 i32 i32 i32)))
  (import "poly1305" "finish" (func $finish (param i32 i32 i32)))

  (global (export "block") i32 (i32.const 4096))                       ;; plain bytes in a block
  (global (export "magic") i64 (i64.const 0x3174_7079_7263_6c77))      ;; "wlcrypt1", little-endian

  (global $KEY i32 (i32.const 0x0200))
  (global $FILE_KEY i32 (i32.const 0x0220))
  (global $SUM_KEY i32 (i32.const 0x0240))
  (global $ID i32 (i32.const 0x0260))           ;; whose keys those are: 16 bytes, not the first time
  (global $SUM_ID i32 (i32.const 0x0270))       ;; 16 bytes
  (global $ONCE i32 (i32.const 0x0280))         ;; the key of one tag: block 0 of a keystream
  (global $STATE i32 (i32.const 0x02a0))
  (global $TAG i32 (i32.const 0x02c0))
  (global $HEAD i32 (i32.const 0x02d0))         ;; 48 bytes
  (global $PAD i32 (i32.const 0x0300))          ;; 256 bytes, and as many for what comes out
  (global $OUT i32 (i32.const 0x0400))
  (data (memory $own) (i32.const 0x0270) "\ff\ff\ff\ffwatloom sum\00")

  (global $EACCES i32 (i32.const 2))
  (global $EIO i32 (i32.const 29))

  (global $random (mut (ref null $fd)) (ref.null $fd))
  (global $known (mut i32) (i32.const 0))       ;; whether there is an id at $ID

  ;; Takes the key, once and for all, and where random bytes come from.
  (func (export "start")
    (param $random (ref $fd)) (param $k0 i64) (param $k1 i64) (param $k2 i64) (param $k3 i64)
    (global.set $random (local.get $random))
    (i64.store $own offset=0 (global.get $KEY) (local.get $k0))
    (i64.store $own offset=8 (global.get $KEY) (local.get $k1))
    (i64.store $own offset=16 (global.get $KEY) (local.get $k2))
    (i64.store $own offset=24 (global.get $KEY) (local.get $k3)))

  ;; Puts a new file's id at $to. Gives 0 or an errno.
  (func (export "new_id") (param $to i32) (result i32)
    (call $draw (local.get $to) (i32.const 16)))

  ;; What follows is about the file with the id at $id.
  (func (export "use") (param $id i32)
    (if (i32.and (global.get $known) (i32.and
          (i64.eq (i64.load $own (local.get $id)) (i64.load $own (global.get $ID)))
          (i64.eq (i64.load $own offset=8 (local.get $id)) (i64.load $own offset=8 (global.get $ID)))))
      (then (return)))
    (global.set $known (i32.const 0))
    (memory.copy $own $own (global.get $ID) (local.get $id) (i32.const 16))
    (call $derive (global.get $KEY) (global.get $ID) (global.get $FILE_KEY) (global.get $PAD))
    (call $derive
      (global.get $FILE_KEY) (global.get $SUM_ID) (global.get $SUM_KEY) (global.get $PAD))
    (global.set $known (i32.const 1)))

  ;; ---- headers: magic (8), id (16), nonce (12), tag (16), 12 bytes of nothing, 64 encrypted bytes

  ;; Seals the header at $at, where it stands. Gives 0 or an errno.
  (func (export "close_header") (param $at i32) (result i32)
    (local $errno i32)
    (local.set $errno (call $draw (i32.add (local.get $at) (i32.const 24)) (i32.const 12)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (call $header_stream (local.get $at))
    (memory.copy $own $own
      (i32.add (local.get $at) (i32.const 64)) (i32.add (global.get $OUT) (i32.const 64))
      (i32.const 64))
    (call $header_tag (local.get $at) (i32.add (local.get $at) (i32.const 36)))
    (i32.const 0))

  ;; Opens the header at $at, where it stands. Gives 0, or EACCES: it was sealed with another key,
  ;; or changed since; nobody can tell which.
  (func (export "open_header") (param $at i32) (result i32)
    (call $header_stream (local.get $at))
    (call $header_tag (local.get $at) (global.get $TAG))
    (if (i32.eqz (call $same_tag (i32.add (local.get $at) (i32.const 36))))
      (then (return (global.get $EACCES))))
    (memory.copy $own $own
      (i32.add (local.get $at) (i32.const 64)) (i32.add (global.get $OUT) (i32.const 64))
      (i32.const 64))
    (i32.const 0))

  ;; The last 64 bytes of a header, XORed, to $OUT + 64; the key of its tag to $ONCE.
  (func $header_stream (param $at i32)
    (memory.fill $own (global.get $PAD) (i32.const 0) (i32.const 256))
    (memory.copy $own $own
      (i32.add (global.get $PAD) (i32.const 64)) (i32.add (local.get $at) (i32.const 64))
      (i32.const 64))
    (call $stream
      (global.get $FILE_KEY) (i32.add (local.get $at) (i32.const 24))
      (global.get $PAD) (global.get $OUT) (i32.const 1))
    (memory.copy $own $own (global.get $ONCE) (global.get $OUT) (i32.const 32)))

  ;; The tag of a header whose 64 bytes are encrypted.
  (func $header_tag (param $at i32) (param $to i32)
    (memory.fill $own (global.get $PAD) (i32.const 0) (i32.const 256))
    (memory.copy $own $own (global.get $PAD) (local.get $at) (i32.const 24))
    (memory.copy $own $own
      (i32.add (global.get $PAD) (i32.const 32)) (i32.add (local.get $at) (i32.const 64))
      (i32.const 64))
    (i64.store $own offset=96 (global.get $PAD) (i64.const 24))
    (i64.store $own offset=104 (global.get $PAD) (i64.const 64))
    (call $tag (global.get $PAD) (i32.const 7) (local.get $to)))

  ;; ---- blocks: a head of 48 bytes, and behind it what is stored
  ;; head: number (8), length (4), how many bytes are stored (4), nonce (12), nothing (4), tag (16)

  ;; Seals the block at $plain, whose number and length stand in the head at $data - 48, to $data.
  ;; The 64 bytes before either, and 255 behind, are lost. Gives 0 or an errno.
  (func (export "close_block") (param $plain i32) (param $data i32) (result i32)
    (local $len i32) (local $errno i32)
    (memory.copy $own $own
      (global.get $HEAD) (i32.sub (local.get $data) (i32.const 48)) (i32.const 48))
    (local.set $len (i32.load $own offset=8 (global.get $HEAD)))
    (i32.store $own offset=12 (global.get $HEAD) (local.get $len))
    (local.set $errno (call $draw (i32.add (global.get $HEAD) (i32.const 16)) (i32.const 12)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (i32.store $own offset=28 (global.get $HEAD) (i32.const 0))
    (call $block_stream (local.get $plain) (local.get $data) (local.get $len))
    (call $block_tag (local.get $data) (local.get $len))
    (memory.copy $own $own (i32.add (global.get $HEAD) (i32.const 32)) (global.get $TAG) (i32.const 16))
    (memory.copy $own $own
      (i32.sub (local.get $data) (i32.const 48)) (global.get $HEAD) (i32.const 48))
    (i32.const 0))

  ;; Opens the block at $data, its head before it, to $plain. Gives 0, or EIO: it is not as it was.
  (func (export "open_block") (param $data i32) (param $plain i32) (result i32)
    (local $len i32)
    (memory.copy $own $own
      (global.get $HEAD) (i32.sub (local.get $data) (i32.const 48)) (i32.const 48))
    (local.set $len (i32.load $own offset=12 (global.get $HEAD)))
    (if (i32.ne (local.get $len) (i32.load $own offset=8 (global.get $HEAD)))
      (then (return (global.get $EIO))))
    (call $block_stream (local.get $data) (local.get $plain) (local.get $len))
    (memory.fill $own (i32.sub (local.get $plain) (i32.const 64)) (i32.const 0) (i32.const 64))
    (call $block_tag (local.get $data) (local.get $len))
    (if (result i32) (call $same_tag (i32.add (global.get $HEAD) (i32.const 32)))
      (then (i32.const 0))
      (else
        (memory.fill $own (local.get $plain) (i32.const 0) (local.get $len))
        (global.get $EIO))))

  ;; $len bytes at $from, XORed, to $to; the key of the tag to $ONCE.
  (func $block_stream (param $from i32) (param $to i32) (param $len i32)
    (local.set $from (i32.sub (local.get $from) (i32.const 64)))
    (local.set $to (i32.sub (local.get $to) (i32.const 64)))
    (memory.fill $own (local.get $from) (i32.const 0) (i32.const 64))
    (call $stream
      (global.get $FILE_KEY) (i32.add (global.get $HEAD) (i32.const 16))
      (local.get $from) (local.get $to)
      (i32.shr_u (i32.add (local.get $len) (i32.const 319)) (i32.const 8)))
    (memory.copy $own $own (global.get $ONCE) (local.get $to) (i32.const 32)))

  ;; The tag of the $len encrypted bytes at $data, with what is in $HEAD, to $TAG.
  (func $block_tag (param $data i32) (param $len i32)
    (local $at i32) (local $padding i32)
    (local.set $at (i32.sub (local.get $data) (i32.const 32)))
    (memory.copy $own $own (local.get $at) (global.get $ID) (i32.const 16))
    (memory.copy $own $own (i32.add (local.get $at) (i32.const 16)) (global.get $HEAD) (i32.const 16))
    (local.set $padding (i32.and (i32.sub (i32.const 0) (local.get $len)) (i32.const 15)))
    (memory.fill $own
      (i32.add (local.get $data) (local.get $len)) (i32.const 0) (local.get $padding))
    (local.set $padding (i32.add (local.get $len) (local.get $padding)))
    (i64.store $own offset=0 (i32.add (local.get $data) (local.get $padding)) (i64.const 32))
    (i64.store $own offset=8 (i32.add (local.get $data) (local.get $padding))
      (i64.extend_i32_u (local.get $len)))
    (call $tag
      (local.get $at)
      (i32.add (i32.shr_u (local.get $padding) (i32.const 4)) (i32.const 3))
      (global.get $TAG)))

  ;; ---- the sum over the heads of all blocks, in the order in which they were written

  ;; Takes the 48 bytes at $head into the sum at $state (poly1305's). It has no second half of a
  ;; key, as it is never shown: it lies encrypted in the header.
  (func (export "add") (param $state i32) (param $head i32)
    (call $update (local.get $state) (global.get $SUM_KEY) (local.get $head) (i32.const 3)))

  ;; ---- small change

  ;; The tag of $blocks × 16 bytes at $at under the key at $ONCE.
  (func $tag (param $at i32) (param $blocks i32) (param $to i32)
    (memory.fill $own (global.get $STATE) (i32.const 0) (i32.const 20))
    (call $update (global.get $STATE) (global.get $ONCE) (local.get $at) (local.get $blocks))
    (call $finish
      (global.get $STATE) (i32.add (global.get $ONCE) (i32.const 16)) (local.get $to)))

  ;; Whether the tag at $at is that at $TAG; it takes as long either way.
  (func $same_tag (param $at i32) (result i32)
    (i64.eqz (i64.or
      (i64.xor (i64.load $own (local.get $at)) (i64.load $own (global.get $TAG)))
      (i64.xor (i64.load $own offset=8 (local.get $at)) (i64.load $own offset=8 (global.get $TAG))))))

  ;; Puts $len random bytes at $to. Gives 0 or an errno; the end of the source is an error.
  (func $draw (param $to i32) (param $len i32) (result i32)
    (local $count i32)
    (loop $more
      (local.set $count
        (call_ref $read (i32.const 0) (local.get $len)
          (struct.get $fd $read (global.get $random))))
      (if (i32.lt_s (local.get $count) (i32.const 0))
        (then (return (i32.sub (i32.const 0) (local.get $count)))))
      (if (i32.or
            (i32.eqz (local.get $count)) (i32.gt_u (local.get $count) (local.get $len)))
        (then (return (global.get $EIO))))
      (memory.copy $own $outside (local.get $to) (i32.const 0) (local.get $count))
      (local.set $to (i32.add (local.get $to) (local.get $count)))
      (local.set $len (i32.sub (local.get $len) (local.get $count)))
      (br_if $more (local.get $len)))
    (i32.const 0)))
