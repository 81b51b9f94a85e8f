;; The encryption provider of ../encrypt.wat, where an fd is an object: an fd that this module makes
;; has fields more, which say what it wraps. Each function gets the fd that it was called through as
;; $self, and casts it to what it must be: a `$dir` or a `$file` of this module. Whoever took such a
;; function from one fd and called it with another would meet with a trap.
;;
;; That is standard WebAssembly 3.0. Two things are as open to view as fields are: that an fd is one
;; of these, and what is in it, for whoever states the same types. With closures they are not.
;;
;; What lies on the disk, the errnos and the use of memory are those of ../encrypt.wat.
(module $encrypt
  (rec
    (type $open (func (param $self (ref $fd))
                      (param $path i32) (param $path_len i32) (param $flags i32)
                      (result i32 (ref null $fd))))
    (type $read (func (param $self (ref $fd)) (param $buf i32) (param $len i32) (result i32)))
    (type $write (func (param $self (ref $fd)) (param $buf i32) (param $len i32) (result i32)))
    (type $close (func (param $self (ref $fd)) (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))

  ;; What all fds of one wrapped tree have in common.
  (type $tree (struct
    (field $random (ref $fd))      ;; nonces are read from here
    (field $page i32)              ;; where its page of the memory begins
    (field $k0 i32) (field $k1 i32) (field $k2 i32) (field $k3 i32)
    (field $k4 i32) (field $k5 i32) (field $k6 i32) (field $k7 i32)))

  (type $dir (sub final $fd (struct
    (field $open (ref $open)) (field $read (ref $read))
    (field $write (ref $write)) (field $close (ref $close))
    (field $tree (ref $tree))
    (field $inner (ref $fd)))))    ;; the folder with the encrypted files in it

  ;; A file can be read or written, not both: the other function refuses.
  (type $file (sub final $fd (struct
    (field $open (ref $open)) (field $read (ref $read))
    (field $write (ref $write)) (field $close (ref $close))
    (field $tree (ref $tree))
    (field $inner (ref $fd))       ;; the file with the ciphertext in it
    (field $n0 i32) (field $n1 i32) (field $n2 i32)
    (field $position (mut i64))    ;; how much of the keystream is used up
    (field $failed (mut i32)))))   ;; the errno that ended all writing, or 0

  (import "memory" "memory" (memory 1))
  (import "chacha20" "chacha20_xor" (func $chacha20_xor
    (param i32 i32 i32 i32 i32 i32 i32 i32)    ;; key
    (param i32 i32 i32)                        ;; nonce
    (param i64)                                ;; position in the keystream
    (param i32 i32 i32)                        ;; from, to, length
    (param i32)))                              ;; 64 bytes of work space

  ;; Bits of open's flags.
  (global $CREATE i32 (i32.const 1))
  (global $TRUNCATE i32 (i32.const 2))
  (global $WRITE i32 (i32.const 4))
  (global $DIRECTORY i32 (i32.const 8))

  ;; Errnos, with WASI's numbers.
  (global $EACCES i32 (i32.const 2))
  (global $EBADF i32 (i32.const 8))
  (global $EFBIG i32 (i32.const 22))
  (global $EINVAL i32 (i32.const 28))
  (global $EIO i32 (i32.const 29))
  (global $EISDIR i32 (i32.const 31))
  (global $ENOENT i32 (i32.const 44))
  (global $ENOTDIR i32 (i32.const 54))
  (global $ENOTSUP i32 (i32.const 58))

  (global $CHUNK_SIZE i32 (i32.const 0xf000))
  (global $STREAM_SIZE i64 (i64.const 0x40_0000_0000))        ;; 2^32 blocks of 64 bytes
  (global $MARKER i64 (i64.const 0x0a31_4445_4c41_4553))      ;; "SEALED1\n", little-endian

  (elem declare func
    $dir_open $dir_read $dir_write $dir_close
    $file_open $file_read $no_read $file_write $no_write $file_close)

  ;; ---- the one export

  ;; Gives back $dir, wrapped. The 32 bytes at $key are read now and never again.
  (func (export "wrap")
    (param $dir (ref $fd)) (param $random (ref $fd)) (param $key i32) (result (ref $fd))
    (local $page i32)
    (local.set $page (memory.grow (i32.const 1)))
    (if (i32.eq (local.get $page) (i32.const -1)) (then (unreachable)))      ;; out of memory
    (call $new_dir
      (struct.new $tree
        (local.get $random)
        (i32.mul (local.get $page) (i32.const 0x1_0000))
        (i32.load offset=0 (local.get $key)) (i32.load offset=4 (local.get $key))
        (i32.load offset=8 (local.get $key)) (i32.load offset=12 (local.get $key))
        (i32.load offset=16 (local.get $key)) (i32.load offset=20 (local.get $key))
        (i32.load offset=24 (local.get $key)) (i32.load offset=28 (local.get $key)))
      (local.get $dir)))

  ;; ---- making fds

  (func $new_dir (param $tree (ref $tree)) (param $inner (ref $fd)) (result (ref $fd))
    (struct.new $dir
      (ref.func $dir_open) (ref.func $dir_read) (ref.func $dir_write) (ref.func $dir_close)
      (local.get $tree) (local.get $inner)))

  ;; Takes the nonce from the header; the file may be read or written, as $read and $write say.
  (func $new_file
    (param $tree (ref $tree)) (param $inner (ref $fd))
    (param $read (ref $read)) (param $write (ref $write))
    (result (ref $file))
    (local $header i32)
    (local.set $header (call $header (local.get $tree)))
    (struct.new $file
      (ref.func $file_open) (local.get $read) (local.get $write) (ref.func $file_close)
      (local.get $tree)
      (local.get $inner)
      (i32.load offset=0 (local.get $header))
      (i32.load offset=4 (local.get $header))
      (i32.load offset=8 (local.get $header))
      (i64.const 0)
      (i32.const 0)))

  ;; Those that refuse. Types of one rec group are different types though they look the same, so
  ;; there is one for each field.
  (func $dir_read (type $read) (call $negative (global.get $EISDIR)))
  (func $dir_write (type $write) (call $negative (global.get $EISDIR)))
  (func $file_open (type $open) (global.get $ENOTDIR) (ref.null $fd))
  (func $no_read (type $read) (call $negative (global.get $EBADF)))
  (func $no_write (type $write) (call $negative (global.get $EBADF)))

  (func $dir_close (type $close) (param $self (ref $fd)) (result i32)
    (call $close (struct.get $dir $inner (ref.cast (ref $dir) (local.get $self)))))

  (func $file_close (type $close) (param $self (ref $fd)) (result i32)
    (call $close (struct.get $file $inner (ref.cast (ref $file) (local.get $self)))))

  ;; ---- opening

  (func $dir_open (type $open)
    (param $self (ref $fd)) (param $path i32) (param $path_len i32) (param $flags i32)
    (result i32 (ref null $fd))
    (local $tree (ref $tree)) (local $inner (ref $fd))
    (local.set $tree (struct.get $dir $tree (ref.cast (ref $dir) (local.get $self))))
    (local.set $inner (struct.get $dir $inner (ref.cast (ref $dir) (local.get $self))))
    (if (i32.and (local.get $flags) (global.get $DIRECTORY))
      (then (return (call $open_dir
        (local.get $tree) (local.get $inner)
        (local.get $path) (local.get $path_len) (local.get $flags)))))
    (if (i32.and (local.get $flags) (global.get $WRITE))
      (then (return (call $open_writer
        (local.get $tree) (local.get $inner)
        (local.get $path) (local.get $path_len) (local.get $flags)))))
    (call $open_reader
      (local.get $tree) (local.get $inner)
      (local.get $path) (local.get $path_len) (local.get $flags)))

  (func $open_dir
    (param $tree (ref $tree)) (param $inner (ref $fd))
    (param $path i32) (param $path_len i32) (param $flags i32)
    (result i32 (ref null $fd))
    (local $opened (ref null $fd)) (local $errno i32)
    (call_ref $open
      (local.get $inner) (local.get $path) (local.get $path_len) (local.get $flags)
      (struct.get $fd $open (local.get $inner)))
    (local.set $opened) (local.set $errno)
    (if (local.get $errno) (then (return (local.get $errno) (ref.null $fd))))
    (i32.const 0)
    (call $new_dir (local.get $tree) (ref.as_non_null (local.get $opened))))

  (func $open_reader
    (param $tree (ref $tree)) (param $inner (ref $fd))
    (param $path i32) (param $path_len i32) (param $flags i32)
    (result i32 (ref null $fd))
    (local $opened (ref null $fd)) (local $errno i32) (local $header i32) (local $self (ref $file))
    ;; A file made by opening it for reading would have no header.
    (if (i32.and (local.get $flags) (i32.or (global.get $CREATE) (global.get $TRUNCATE)))
      (then (return (global.get $EINVAL) (ref.null $fd))))
    (call_ref $open
      (local.get $inner) (local.get $path) (local.get $path_len) (local.get $flags)
      (struct.get $fd $open (local.get $inner)))
    (local.set $opened) (local.set $errno)
    (if (local.get $errno) (then (return (local.get $errno) (ref.null $fd))))

    (local.set $header (call $header (local.get $tree)))
    (local.set $errno
      (call $receive (ref.as_non_null (local.get $opened)) (local.get $header) (i32.const 20)))
    (if (local.get $errno)
      (then (return (call $give_up (local.get $opened) (local.get $errno)))))
    (local.set $self (call $new_file
      (local.get $tree) (ref.as_non_null (local.get $opened))
      (ref.func $file_read) (ref.func $no_write)))
    (call $crypt_marker (local.get $self))
    (if (i64.ne (i64.load offset=12 (local.get $header)) (global.get $MARKER))
      (then (return (call $give_up (local.get $opened) (global.get $EACCES)))))
    (i32.const 0)
    (local.get $self))

  (func $open_writer
    (param $tree (ref $tree)) (param $inner (ref $fd))
    (param $path i32) (param $path_len i32) (param $flags i32)
    (result i32 (ref null $fd))
    (local $opened (ref null $fd)) (local $errno i32) (local $header i32) (local $self (ref $file))
    (local.set $errno (call $check_overwrite
      (local.get $inner) (local.get $path) (local.get $path_len) (local.get $flags)))
    (if (local.get $errno) (then (return (local.get $errno) (ref.null $fd))))

    ;; The nonce comes first: without one, the old file is better left as it is.
    (local.set $header (call $header (local.get $tree)))
    (local.set $errno (call $receive
      (struct.get $tree $random (local.get $tree)) (local.get $header) (i32.const 12)))
    (if (local.get $errno) (then (return (local.get $errno) (ref.null $fd))))
    (call_ref $open
      (local.get $inner) (local.get $path) (local.get $path_len)
      (i32.or (local.get $flags) (global.get $TRUNCATE))
      (struct.get $fd $open (local.get $inner)))
    (local.set $opened) (local.set $errno)
    (if (local.get $errno) (then (return (local.get $errno) (ref.null $fd))))

    (local.set $self (call $new_file
      (local.get $tree) (ref.as_non_null (local.get $opened))
      (ref.func $no_read) (ref.func $file_write)))
    (i64.store offset=12 (local.get $header) (global.get $MARKER))
    (call $crypt_marker (local.get $self))
    (call $send (ref.as_non_null (local.get $opened)) (local.get $header) (i32.const 20))
    (local.set $errno) (drop)
    (if (local.get $errno)
      (then (return (call $give_up (local.get $opened) (local.get $errno)))))
    (i32.const 0)
    (local.get $self))

  ;; Writing over a part of a file would encrypt two texts with one keystream, from which both can
  ;; be had. So a file is either truncated or new. Gives 0 or an errno.
  (func $check_overwrite
    (param $inner (ref $fd)) (param $path i32) (param $path_len i32) (param $flags i32)
    (result i32)
    (local $opened (ref null $fd)) (local $errno i32)
    (if (i32.and (local.get $flags) (global.get $TRUNCATE)) (then (return (i32.const 0))))
    (call_ref $open
      (local.get $inner) (local.get $path) (local.get $path_len) (i32.const 0)
      (struct.get $fd $open (local.get $inner)))
    (local.set $opened) (local.set $errno)
    (if (i32.eqz (local.get $errno))
      (then
        (drop (call $close (ref.as_non_null (local.get $opened))))
        (return (global.get $ENOTSUP))))
    (if (i32.and
          (i32.eq (local.get $errno) (global.get $ENOENT))
          (i32.and (local.get $flags) (global.get $CREATE)))
      (then (return (i32.const 0))))
    (local.get $errno))

  ;; Ends an attempt to open: what was opened is closed, and $errno is the answer.
  (func $give_up (param $opened (ref null $fd)) (param $errno i32) (result i32 (ref null $fd))
    (drop (call $close (ref.as_non_null (local.get $opened))))
    (local.get $errno) (ref.null $fd))

  ;; ---- an open file

  (func $file_read (type $read) (param $fd (ref $fd)) (param $buf i32) (param $len i32) (result i32)
    (local $self (ref $file)) (local $chunk i32) (local $count i32)
    (local.set $self (ref.cast (ref $file) (local.get $fd)))
    ;; The ciphertext comes into the page, so that $buf never holds anything but text.
    (local.set $chunk (call $chunk (struct.get $file $tree (local.get $self))))
    (local.set $len (call $at_most_a_chunk (local.get $len)))
    (local.set $count
      (call_ref $read
        (struct.get $file $inner (local.get $self)) (local.get $chunk) (local.get $len)
        (struct.get $fd $read (struct.get $file $inner (local.get $self)))))
    (if (i32.le_s (local.get $count) (i32.const 0)) (then (return (local.get $count))))
    (if (i32.gt_u (local.get $count) (local.get $len))
      (then (return (call $negative (global.get $EIO)))))
    (call $crypt (local.get $self) (local.get $chunk) (local.get $buf) (local.get $count))
    (call $advance (local.get $self) (local.get $count))
    (local.get $count))

  ;; Each byte is encrypted once. Had the inner file taken a part of a chunk only, a caller could
  ;; come back with another text for the same piece of keystream; so a chunk is sent whole, and
  ;; where that fails, nothing more is written to this file.
  (func $file_write (type $write) (param $fd (ref $fd)) (param $buf i32) (param $len i32) (result i32)
    (local $self (ref $file)) (local $chunk i32) (local $sent i32) (local $errno i32)
    (local.set $self (ref.cast (ref $file) (local.get $fd)))
    (if (struct.get $file $failed (local.get $self))
      (then (return (call $negative (struct.get $file $failed (local.get $self))))))
    (local.set $len (call $at_most_a_chunk (local.get $len)))
    (if (i64.gt_u
          (i64.add
            (struct.get $file $position (local.get $self))
            (i64.extend_i32_u (local.get $len)))
          (global.get $STREAM_SIZE))
      (then (return (call $negative (global.get $EFBIG)))))

    (local.set $chunk (call $chunk (struct.get $file $tree (local.get $self))))
    (call $crypt (local.get $self) (local.get $buf) (local.get $chunk) (local.get $len))
    (call $send (struct.get $file $inner (local.get $self)) (local.get $chunk) (local.get $len))
    (local.set $errno) (local.set $sent)
    (call $advance (local.get $self) (local.get $sent))
    (struct.set $file $failed (local.get $self) (local.get $errno))
    ;; What did go out counts; the errno is then for the next call.
    (select (local.get $sent) (call $negative (local.get $errno)) (local.get $sent)))

  ;; XORs $len bytes from $from to $to with the keystream at the file's position.
  (func $crypt (param $self (ref $file)) (param $from i32) (param $to i32) (param $len i32)
    (local $tree (ref $tree))
    (local.set $tree (struct.get $file $tree (local.get $self)))
    (call $chacha20_xor
      (struct.get $tree $k0 (local.get $tree)) (struct.get $tree $k1 (local.get $tree))
      (struct.get $tree $k2 (local.get $tree)) (struct.get $tree $k3 (local.get $tree))
      (struct.get $tree $k4 (local.get $tree)) (struct.get $tree $k5 (local.get $tree))
      (struct.get $tree $k6 (local.get $tree)) (struct.get $tree $k7 (local.get $tree))
      (struct.get $file $n0 (local.get $self))
      (struct.get $file $n1 (local.get $self))
      (struct.get $file $n2 (local.get $self))
      (struct.get $file $position (local.get $self))
      (local.get $from) (local.get $to) (local.get $len)
      (struct.get $tree $page (local.get $tree))))

  ;; Encrypts or decrypts the marker where it stands, in the header.
  (func $crypt_marker (param $self (ref $file))
    (local $marker i32)
    (local.set $marker
      (i32.add (call $header (struct.get $file $tree (local.get $self))) (i32.const 12)))
    (call $crypt (local.get $self) (local.get $marker) (local.get $marker) (i32.const 8))
    (call $advance (local.get $self) (i32.const 8)))

  (func $advance (param $self (ref $file)) (param $count i32)
    (struct.set $file $position (local.get $self)
      (i64.add
        (struct.get $file $position (local.get $self))
        (i64.extend_i32_u (local.get $count)))))

  ;; ---- moving bytes through an inner fd, which may take or give fewer than it was asked for

  ;; Sends all $len bytes. Gives how many went out, and 0 or the errno that stopped it.
  (func $send (param $fd (ref $fd)) (param $buf i32) (param $len i32) (result i32 i32)
    (local $count i32) (local $done i32) (local $errno i32)
    (block $stop
      (loop $more
        (br_if $stop (i32.eq (local.get $done) (local.get $len)))
        (local.set $count
          (call_ref $write
            (local.get $fd)
            (i32.add (local.get $buf) (local.get $done))
            (i32.sub (local.get $len) (local.get $done))
            (struct.get $fd $write (local.get $fd))))
        (local.set $errno
          (call $check_count (local.get $count) (i32.sub (local.get $len) (local.get $done))))
        (br_if $stop (local.get $errno))
        (local.set $done (i32.add (local.get $done) (local.get $count)))
        (br $more)))
    (local.get $done) (local.get $errno))

  ;; Receives exactly $len bytes. Gives 0 or an errno; an early end is an error.
  (func $receive (param $fd (ref $fd)) (param $buf i32) (param $len i32) (result i32)
    (local $count i32) (local $errno i32)
    (loop $more
      (if (i32.eqz (local.get $len)) (then (return (i32.const 0))))
      (local.set $count
        (call_ref $read
          (local.get $fd) (local.get $buf) (local.get $len)
          (struct.get $fd $read (local.get $fd))))
      (local.set $errno (call $check_count (local.get $count) (local.get $len)))
      (if (local.get $errno) (then (return (local.get $errno))))
      (local.set $buf (i32.add (local.get $buf) (local.get $count)))
      (local.set $len (i32.sub (local.get $len) (local.get $count)))
      (br $more))
    (unreachable))

  ;; Judges what read or write answered: 0 if it is between 1 and $asked, else an errno. An inner
  ;; fd is not trusted to count right.
  (func $check_count (param $count i32) (param $asked i32) (result i32)
    (if (i32.lt_s (local.get $count) (i32.const 0))
      (then (return (call $negative (local.get $count)))))
    (select
      (global.get $EIO)
      (i32.const 0)
      (i32.or
        (i32.eqz (local.get $count))
        (i32.gt_u (local.get $count) (local.get $asked)))))

  (func $close (param $fd (ref $fd)) (result i32)
    (call_ref $close (local.get $fd) (struct.get $fd $close (local.get $fd))))

  ;; ---- small change

  (func $header (param $tree (ref $tree)) (result i32)
    (i32.add (struct.get $tree $page (local.get $tree)) (i32.const 0x40)))

  (func $chunk (param $tree (ref $tree)) (result i32)
    (i32.add (struct.get $tree $page (local.get $tree)) (i32.const 0x1000)))

  (func $at_most_a_chunk (param $len i32) (result i32)
    (select
      (local.get $len)
      (global.get $CHUNK_SIZE)
      (i32.lt_u (local.get $len) (global.get $CHUNK_SIZE))))

  (func $negative (param $n i32) (result i32)
    (i32.sub (i32.const 0) (local.get $n))))
