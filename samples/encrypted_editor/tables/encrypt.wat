;; The encryption provider of ../encrypt.wat without references: numbers stand for structs (handles in
;; `struct_table`) and for closures (handles in the `bind_table`s), and all of them are checked when
;; they are used.
;;
;; But a handle can be guessed, and then used by whoever guessed it: what the structs here hold, the
;; key among it, is hidden from nobody who is given this `struct_table`.
;;
;; What lies on the disk, the errnos and the use of memory are those of ../encrypt.wat.
(module $encrypt
  (import "memory" "memory" (memory 1))
  (import "struct_table" "create" (func $create (param i32) (result i32)))
  (import "struct_table" "get" (func $get (param i32 i32) (result i32)))
  (import "struct_table" "set" (func $set (param i32 i32 i32)))
  (import "struct_table" "free" (func $free (param i32)))
  (import "fds" "make" (func $make (param i32 i32 i32 i32 i32) (result i32)))
  (import "fds" "end" (func $end (param i32)))
  (import "bind_open" "table" (table $opens 128 funcref))
  (import "bind_open" "call" (func $call_open (param i32 i32 i32 i32 i32) (result i32)))
  (import "bind_table" "table" (table $ios 128 funcref))
  (import "bind_table" "call" (func $call_io (param i32 i32 i32) (result i32)))
  (import "bind_close" "table" (table $closes 128 funcref))
  (import "bind_close" "call" (func $call_close (param i32) (result i32)))
  (import "chacha20" "chacha20_xor" (func $chacha20_xor
    (param i32 i32 i32 i32 i32 i32 i32 i32)    ;; key
    (param i32 i32 i32)                        ;; nonce
    (param i64)                                ;; position in the keystream
    (param i32 i32 i32)                        ;; from, to, length
    (param i32)))                              ;; 64 bytes of work space

  ;; This module's places in the tables: from 72 on.
  (elem (table $opens) (i32.const 72) func $dir_open $file_open)
  (elem (table $ios) (i32.const 72) func $is_a_directory $file_read $file_write $not_opened_for_that)
  (elem (table $closes) (i32.const 72) func $close)

  ;; The fields of an fd.
  (global $OPEN i32 (i32.const 0))
  (global $READ i32 (i32.const 1))
  (global $WRITE i32 (i32.const 2))
  (global $CLOSE i32 (i32.const 3))

  ;; What the functions of an fd are bound to, a file or a folder.
  (global $TREE i32 (i32.const 0))        ;; what all fds of one wrapped tree have in common
  (global $INNER i32 (i32.const 1))       ;; the fd that is wrapped
  (global $FD i32 (i32.const 2))          ;; the fd that wraps it
                                          ;; 3 to 5: the nonce
  (global $POSITION i32 (i32.const 6))    ;; how much of the keystream is used up
  (global $FAILED i32 (i32.const 7))      ;; the errno that ended all writing, or 0

  ;; A tree.
  (global $RANDOM i32 (i32.const 0))      ;; nonces are read from here
  (global $TREE_PAGE i32 (i32.const 1))   ;; where its page of the memory begins
  (global $KEY i32 (i32.const 2))         ;; eight words

  ;; Bits of open's flags.
  (global $CREATE i32 (i32.const 1))
  (global $TRUNCATE i32 (i32.const 2))
  (global $FOR_WRITING i32 (i32.const 4))
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
  (global $MOST i32 (i32.const 0x7fff_0000))                  ;; a position is a word here
  (global $MARKER i64 (i64.const 0x0a31_4445_4c41_4553))      ;; "SEALED1\n", little-endian

  ;; ---- the one export

  ;; Gives back $dir, wrapped. The 32 bytes at $key are read now and never again.
  (func (export "wrap") (param $dir i32) (param $random i32) (param $key i32) (result i32)
    (local $page i32) (local $tree i32) (local $word i32)
    (local.set $page (memory.grow (i32.const 1)))
    (if (i32.eq (local.get $page) (i32.const -1)) (then (unreachable)))      ;; out of memory
    (local.set $tree (call $create (i32.const 10)))
    (call $set (local.get $tree) (global.get $RANDOM) (local.get $random))
    (call $set (local.get $tree) (global.get $TREE_PAGE)
      (i32.mul (local.get $page) (i32.const 0x1_0000)))
    (loop $next
      (call $set (local.get $tree)
        (i32.add (global.get $KEY) (local.get $word))
        (i32.load (i32.add (local.get $key) (i32.shl (local.get $word) (i32.const 2)))))
      (local.set $word (i32.add (local.get $word) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $word) (i32.const 8))))
    (call $new_dir (local.get $tree) (local.get $dir)))

  ;; ---- making fds

  (func $new_dir (param $tree i32) (param $inner i32) (result i32)
    (call $fd_of
      (call $new_self (local.get $tree) (local.get $inner))
      (i32.const 72) (i32.const 72) (i32.const 72)))

  ;; A file can be read or written, not both: the other function refuses.
  (func $new_reader (param $self i32) (result i32)
    (call $fd_of (local.get $self) (i32.const 73) (i32.const 73) (i32.const 75)))

  (func $new_writer (param $self i32) (result i32)
    (call $fd_of (local.get $self) (i32.const 73) (i32.const 75) (i32.const 74)))

  (func $fd_of (param $self i32) (param $open i32) (param $read i32) (param $write i32) (result i32)
    (local $fd i32)
    (local.set $fd
      (call $make
        (local.get $self)
        (local.get $open) (local.get $read) (local.get $write) (i32.const 72)))
    (call $set (local.get $self) (global.get $FD) (local.get $fd))
    (local.get $fd))

  (func $new_self (param $tree i32) (param $inner i32) (result i32)
    (local $self i32)
    (local.set $self (call $create (i32.const 8)))
    (call $set (local.get $self) (global.get $TREE) (local.get $tree))
    (call $set (local.get $self) (global.get $INNER) (local.get $inner))
    (local.get $self))

  (func $file_open (param $self i32) (param i32 i32 i32 i32) (result i32)
    (global.get $ENOTDIR))

  (func $is_a_directory (param $self i32) (param $buf i32) (param $len i32) (result i32)
    (call $negative (global.get $EISDIR)))

  (func $not_opened_for_that (param $self i32) (param $buf i32) (param $len i32) (result i32)
    (call $negative (global.get $EBADF)))

  (func $close (param $self i32) (result i32)
    (local $errno i32)
    (local.set $errno (call $close_fd (call $get (local.get $self) (global.get $INNER))))
    (call $end (call $get (local.get $self) (global.get $FD)))
    (call $free (local.get $self))
    (local.get $errno))

  ;; ---- opening

  (func $dir_open
    (param $self i32) (param $path i32) (param $path_len i32) (param $flags i32)
    (param $opened i32)
    (result i32)
    (local $tree i32) (local $inner i32)
    (local.set $tree (call $get (local.get $self) (global.get $TREE)))
    (local.set $inner (call $get (local.get $self) (global.get $INNER)))
    (if (i32.and (local.get $flags) (global.get $DIRECTORY))
      (then (return (call $open_dir
        (local.get $tree) (local.get $inner)
        (local.get $path) (local.get $path_len) (local.get $flags) (local.get $opened)))))
    (if (i32.and (local.get $flags) (global.get $FOR_WRITING))
      (then (return (call $open_writer
        (local.get $tree) (local.get $inner)
        (local.get $path) (local.get $path_len) (local.get $flags) (local.get $opened)))))
    (call $open_reader
      (local.get $tree) (local.get $inner)
      (local.get $path) (local.get $path_len) (local.get $flags) (local.get $opened)))

  ;; The inner fd comes to $opened, as the new one will: there is nobody else's place for it.
  (func $open_inner
    (param $inner i32) (param $path i32) (param $path_len i32) (param $flags i32)
    (param $opened i32)
    (result i32)
    (call $call_open
      (call $get (local.get $inner) (global.get $OPEN))
      (local.get $path) (local.get $path_len) (local.get $flags) (local.get $opened)))

  (func $open_dir
    (param $tree i32) (param $inner i32)
    (param $path i32) (param $path_len i32) (param $flags i32) (param $opened i32)
    (result i32)
    (local $errno i32)
    (local.set $errno
      (call $open_inner (local.get $inner)
        (local.get $path) (local.get $path_len) (local.get $flags) (local.get $opened)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (i32.store (local.get $opened)
      (call $new_dir (local.get $tree) (i32.load (local.get $opened))))
    (i32.const 0))

  (func $open_reader
    (param $tree i32) (param $inner i32)
    (param $path i32) (param $path_len i32) (param $flags i32) (param $opened i32)
    (result i32)
    (local $file i32) (local $errno i32) (local $header i32) (local $self i32)
    ;; A file made by opening it for reading would have no header.
    (if (i32.and (local.get $flags) (i32.or (global.get $CREATE) (global.get $TRUNCATE)))
      (then (return (global.get $EINVAL))))
    (local.set $errno
      (call $open_inner (local.get $inner)
        (local.get $path) (local.get $path_len) (local.get $flags) (local.get $opened)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $file (i32.load (local.get $opened)))

    (local.set $header (call $header (local.get $tree)))
    (local.set $errno (call $receive (local.get $file) (local.get $header) (i32.const 20)))
    (if (local.get $errno)
      (then (return (call $give_up (local.get $file) (local.get $errno)))))
    (local.set $self (call $new_file (local.get $tree) (local.get $file)))
    (call $crypt_marker (local.get $self))
    (if (i64.ne (i64.load offset=12 (local.get $header)) (global.get $MARKER))
      (then
        (call $free (local.get $self))
        (return (call $give_up (local.get $file) (global.get $EACCES)))))
    (i32.store (local.get $opened) (call $new_reader (local.get $self)))
    (i32.const 0))

  (func $open_writer
    (param $tree i32) (param $inner i32)
    (param $path i32) (param $path_len i32) (param $flags i32) (param $opened i32)
    (result i32)
    (local $file i32) (local $errno i32) (local $header i32) (local $self i32)
    (local.set $errno (call $check_overwrite (local.get $inner)
      (local.get $path) (local.get $path_len) (local.get $flags) (local.get $opened)))
    (if (local.get $errno) (then (return (local.get $errno))))

    ;; The nonce comes first: without one, the old file is better left as it is.
    (local.set $header (call $header (local.get $tree)))
    (local.set $errno (call $receive
      (call $get (local.get $tree) (global.get $RANDOM)) (local.get $header) (i32.const 12)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $errno
      (call $open_inner (local.get $inner)
        (local.get $path) (local.get $path_len)
        (i32.or (local.get $flags) (global.get $TRUNCATE)) (local.get $opened)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $file (i32.load (local.get $opened)))

    (local.set $self (call $new_file (local.get $tree) (local.get $file)))
    (i64.store offset=12 (local.get $header) (global.get $MARKER))
    (call $crypt_marker (local.get $self))
    (local.set $errno (call $send_all (local.get $file) (local.get $header) (i32.const 20)))
    (if (local.get $errno)
      (then
        (call $free (local.get $self))
        (return (call $give_up (local.get $file) (local.get $errno)))))
    (i32.store (local.get $opened) (call $new_writer (local.get $self)))
    (i32.const 0))

  ;; Writing over a part of a file would encrypt two texts with one keystream, from which both can
  ;; be had. So a file is either truncated or new. Gives 0 or an errno.
  (func $check_overwrite
    (param $inner i32) (param $path i32) (param $path_len i32) (param $flags i32)
    (param $opened i32)
    (result i32)
    (local $errno i32)
    (if (i32.and (local.get $flags) (global.get $TRUNCATE)) (then (return (i32.const 0))))
    (local.set $errno
      (call $open_inner (local.get $inner)
        (local.get $path) (local.get $path_len) (i32.const 0) (local.get $opened)))
    (if (i32.eqz (local.get $errno))
      (then
        (return (call $give_up (i32.load (local.get $opened)) (global.get $ENOTSUP)))))
    (if (i32.and
          (i32.eq (local.get $errno) (global.get $ENOENT))
          (i32.and (local.get $flags) (global.get $CREATE)))
      (then (return (i32.const 0))))
    (local.get $errno))

  ;; Ends an attempt to open: what was opened is closed, and $errno is the answer.
  (func $give_up (param $file i32) (param $errno i32) (result i32)
    (drop (call $close_fd (local.get $file)))
    (local.get $errno))

  (func $close_fd (param $fd i32) (result i32)
    (call $call_close (call $get (local.get $fd) (global.get $CLOSE))))

  ;; ---- an open file

  ;; Takes the nonce from the header.
  (func $new_file (param $tree i32) (param $inner i32) (result i32)
    (local $self i32) (local $header i32)
    (local.set $self (call $new_self (local.get $tree) (local.get $inner)))
    (local.set $header (call $header (local.get $tree)))
    (call $set (local.get $self) (i32.const 3) (i32.load offset=0 (local.get $header)))
    (call $set (local.get $self) (i32.const 4) (i32.load offset=4 (local.get $header)))
    (call $set (local.get $self) (i32.const 5) (i32.load offset=8 (local.get $header)))
    (local.get $self))

  (func $file_read (param $self i32) (param $buf i32) (param $len i32) (result i32)
    (local $chunk i32) (local $count i32)
    ;; The ciphertext comes into the page, so that $buf never holds anything but text.
    (local.set $chunk (call $chunk (call $get (local.get $self) (global.get $TREE))))
    (local.set $len (call $at_most_a_chunk (local.get $len)))
    (if (i32.gt_u (call $after (local.get $self) (local.get $len)) (global.get $MOST))
      (then (return (call $negative (global.get $EFBIG)))))
    (local.set $count
      (call $call_io
        (call $get (call $get (local.get $self) (global.get $INNER)) (global.get $READ))
        (local.get $chunk) (local.get $len)))
    (if (i32.le_s (local.get $count) (i32.const 0)) (then (return (local.get $count))))
    (if (i32.gt_u (local.get $count) (local.get $len))
      (then (return (call $negative (global.get $EIO)))))
    (call $crypt (local.get $self) (local.get $chunk) (local.get $buf) (local.get $count))
    (call $advance (local.get $self) (local.get $count))
    (local.get $count))

  ;; Each byte is encrypted once. Had the inner file taken a part of a chunk only, a caller could
  ;; come back with another text for the same piece of keystream; so a chunk is sent whole, and
  ;; where that fails, nothing more is written to this file.
  (func $file_write (param $self i32) (param $buf i32) (param $len i32) (result i32)
    (local $chunk i32) (local $before i32) (local $errno i32)
    (local.set $errno (call $get (local.get $self) (global.get $FAILED)))
    (if (local.get $errno) (then (return (call $negative (local.get $errno)))))
    (local.set $len (call $at_most_a_chunk (local.get $len)))
    (if (i32.gt_u (call $after (local.get $self) (local.get $len)) (global.get $MOST))
      (then (return (call $negative (global.get $EFBIG)))))

    (local.set $chunk (call $chunk (call $get (local.get $self) (global.get $TREE))))
    (call $crypt (local.get $self) (local.get $buf) (local.get $chunk) (local.get $len))
    (local.set $errno
      (call $send_all
        (call $get (local.get $self) (global.get $INNER)) (local.get $chunk) (local.get $len)))
    (call $set (local.get $self) (global.get $FAILED) (local.get $errno))
    (if (local.get $errno) (then (return (call $negative (local.get $errno)))))
    (call $advance (local.get $self) (local.get $len))
    (local.get $len))

  ;; XORs $len bytes from $from to $to with the keystream at the file's position.
  (func $crypt (param $self i32) (param $from i32) (param $to i32) (param $len i32)
    (local $tree i32)
    (local.set $tree (call $get (local.get $self) (global.get $TREE)))
    (call $chacha20_xor
      (call $get (local.get $tree) (i32.const 2)) (call $get (local.get $tree) (i32.const 3))
      (call $get (local.get $tree) (i32.const 4)) (call $get (local.get $tree) (i32.const 5))
      (call $get (local.get $tree) (i32.const 6)) (call $get (local.get $tree) (i32.const 7))
      (call $get (local.get $tree) (i32.const 8)) (call $get (local.get $tree) (i32.const 9))
      (call $get (local.get $self) (i32.const 3))
      (call $get (local.get $self) (i32.const 4))
      (call $get (local.get $self) (i32.const 5))
      (i64.extend_i32_u (call $get (local.get $self) (global.get $POSITION)))
      (local.get $from) (local.get $to) (local.get $len)
      (call $get (local.get $tree) (global.get $TREE_PAGE))))

  ;; Encrypts or decrypts the marker where it stands, in the header.
  (func $crypt_marker (param $self i32)
    (local $marker i32)
    (local.set $marker
      (i32.add
        (call $header (call $get (local.get $self) (global.get $TREE)))
        (i32.const 12)))
    (call $crypt (local.get $self) (local.get $marker) (local.get $marker) (i32.const 8))
    (call $advance (local.get $self) (i32.const 8)))

  ;; Where the file would stand $count bytes on.
  (func $after (param $self i32) (param $count i32) (result i32)
    (i32.add (call $get (local.get $self) (global.get $POSITION)) (local.get $count)))

  (func $advance (param $self i32) (param $count i32)
    (call $set (local.get $self) (global.get $POSITION)
      (call $after (local.get $self) (local.get $count))))

  ;; ---- moving bytes through an inner fd, which may take or give fewer than it was asked for

  ;; Sends all $len bytes. Gives 0 or the errno that stopped it.
  (func $send_all (param $fd i32) (param $buf i32) (param $len i32) (result i32)
    (local $count i32) (local $errno i32)
    (loop $more
      (if (i32.eqz (local.get $len)) (then (return (i32.const 0))))
      (local.set $count
        (call $call_io
          (call $get (local.get $fd) (global.get $WRITE)) (local.get $buf) (local.get $len)))
      (local.set $errno (call $check_count (local.get $count) (local.get $len)))
      (if (local.get $errno) (then (return (local.get $errno))))
      (local.set $buf (i32.add (local.get $buf) (local.get $count)))
      (local.set $len (i32.sub (local.get $len) (local.get $count)))
      (br $more))
    (unreachable))

  ;; Receives exactly $len bytes. Gives 0 or an errno; an early end is an error.
  (func $receive (param $fd i32) (param $buf i32) (param $len i32) (result i32)
    (local $count i32) (local $errno i32)
    (loop $more
      (if (i32.eqz (local.get $len)) (then (return (i32.const 0))))
      (local.set $count
        (call $call_io
          (call $get (local.get $fd) (global.get $READ)) (local.get $buf) (local.get $len)))
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

  ;; ---- small change

  (func $header (param $tree i32) (result i32)
    (i32.add (call $get (local.get $tree) (global.get $TREE_PAGE)) (i32.const 0x40)))

  (func $chunk (param $tree i32) (result i32)
    (i32.add (call $get (local.get $tree) (global.get $TREE_PAGE)) (i32.const 0x1000)))

  (func $at_most_a_chunk (param $len i32) (result i32)
    (select
      (local.get $len)
      (global.get $CHUNK_SIZE)
      (i32.lt_u (local.get $len) (global.get $CHUNK_SIZE))))

  (func $negative (param $n i32) (result i32)
    (i32.sub (i32.const 0) (local.get $n))))
