;; The one who decides: makes the memory, wraps a folder with a key, and hands the wrapped folder
;; to the editor. As parent.wat, but an fd is an object here, and the host one of
;; WASI preview 1. All of it is standard WebAssembly 3.0 but the linking, which can be lowered.
;;
;;     watloom run --dir DIR parent_structs.wat
(module $PARENT
  ;; An fd is a struct of functions. All modules that pass fds state these types, and mean the same.
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

  (type $Memory (instance (export "memory" (memory 1))))
  (type $Cipher (instance
    (export "chacha20_xor" (func
      (param i32 i32 i32 i32 i32 i32 i32 i32)    ;; key
      (param i32 i32 i32)                        ;; nonce
      (param i64)                                ;; position in the keystream
      (param i32 i32 i32)                        ;; from, to, length
      (param i32)))))                            ;; 64 bytes of work space

  ;; ---- what the host gives

  (type $Wasi (instance
    (export "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (export "fd_read" (func (param i32 i32 i32 i32) (result i32)))
    (export "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (export "fd_close" (func (param i32) (result i32)))
    (export "fd_prestat_get" (func (param i32 i32) (result i32)))
    (export "random_get" (func (param i32 i32) (result i32)))))
  (import "wasi_snapshot_preview1" (instance $wasi (type $Wasi)))

  ;; ---- the modules beside this file
  ;; Inside a module type no outer name is known: what it needs of this module it aliases.

  (import "./chacha20.wat" (module $CHACHA20
    (import "memory" (instance (type outer $PARENT $Memory)))
    (export (type outer $PARENT $Cipher))))

  (import "./structs/host.wat" (module $HOST
    (alias outer $PARENT $fd (type $fd))
    (import "memory" (instance (type outer $PARENT $Memory)))
    (import "wasi_snapshot_preview1" (instance (type outer $PARENT $Wasi)))
    (export "folder" (func (result (ref null $fd))))
    (export "stdout" (func (result (ref $fd))))
    (export "stderr" (func (result (ref $fd))))
    (export "random" (func (result (ref $fd))))))

  (import "./structs/encrypt.wat" (module $ENCRYPT
    (alias outer $PARENT $fd (type $fd))
    (import "memory" (instance (type outer $PARENT $Memory)))
    (import "chacha20" (instance (type outer $PARENT $Cipher)))
    (export "wrap" (func (param (ref $fd)) (param (ref $fd)) (param i32) (result (ref $fd))))))

  (import "./structs/editor.wat" (module $EDITOR
    (alias outer $PARENT $fd (type $fd))
    (import "memory" (instance (type outer $PARENT $Memory)))
    (export "edit" (func (param (ref $fd)) (param (ref $fd)) (result i32)))))

  ;; ---- the wiring

  (module $MEMORY
    (memory (export "memory") 1))

  (instance $memory (instantiate $MEMORY))
  (instance $host (instantiate $HOST
    (import "memory" (instance $memory))
    (import "wasi_snapshot_preview1" (instance $wasi))))
  (instance $chacha20 (instantiate $CHACHA20
    (import "memory" (instance $memory))))
  (instance $encrypt (instantiate $ENCRYPT
    (import "memory" (instance $memory))
    (import "chacha20" (instance $chacha20))))
  (instance $editor (instantiate $EDITOR
    (import "memory" (instance $memory))))

  (alias $memory "memory" (memory $shared))
  (export "memory" (memory $shared))      ;; where a host of another engine looks for it
  (alias $host "folder" (func $folder))
  (alias $host "stdout" (func $stdout))
  (alias $host "stderr" (func $stderr))
  (alias $host "random" (func $random))
  (alias $encrypt "wrap" (func $wrap))
  (alias $editor "edit" (func $edit))

  ;; ---- running it
  ;; Of the memory's first page, this module uses 0x0000 to 0x0eff, the host's adapter the rest up to
  ;; 0x0fff, and the editor the next 4 KiB.
  ;; The provider adds a page for itself.

  (global $KEY i32 (i32.const 0x0000))                             ;; 32 bytes, for a moment
  (data $demonstration_key "demonstration key: not a secret!")

  (data (i32.const 0x0100) "no folder to write in: run with --dir DIR\n")       ;; 42 bytes
  (data (i32.const 0x0200) "the editor stopped with errno 00\n")                ;; 33
  (global $DIGITS i32 (i32.const 0x021e))                                       ;; the 00 in it

  (func (export "_start")
    (local $folder (ref null $fd)) (local $errno i32)
    (local.set $folder (call $folder))
    (if (ref.is_null (local.get $folder))
      (then (call $fail (i32.const 0x0100) (i32.const 42))))

    ;; The key is in the memory, where the editor could see it, only until `wrap` has a copy.
    (memory.init $demonstration_key (global.get $KEY) (i32.const 0) (i32.const 32))
    (local.set $folder
      (call $wrap (ref.as_non_null (local.get $folder)) (call $random) (global.get $KEY)))
    (memory.fill (global.get $KEY) (i32.const 0) (i32.const 32))

    (local.set $errno (call $edit (ref.as_non_null (local.get $folder)) (call $stdout)))
    (if (local.get $errno)
      (then
        (call $print_digits (local.get $errno))
        (call $fail (i32.const 0x0200) (i32.const 33)))))

  ;; Says what happened, and ends the program.
  (func $fail (param $message i32) (param $len i32)
    (local $count i32)
    (loop $more
      (local.set $count
        (call_ref $write
          (call $stderr) (local.get $message) (local.get $len) (struct.get $fd $write (call $stderr))))
      (local.set $message (i32.add (local.get $message) (local.get $count)))
      (local.set $len (i32.sub (local.get $len) (local.get $count)))
      (br_if $more
        (i32.and
          (i32.gt_s (local.get $count) (i32.const 0))
          (i32.gt_s (local.get $len) (i32.const 0)))))
    (unreachable))

  ;; WASI's errnos have two digits.
  (func $print_digits (param $n i32)
    (i32.store8 offset=0 (global.get $DIGITS)
      (i32.add (i32.const 0x30) (i32.div_u (local.get $n) (i32.const 10))))
    (i32.store8 offset=1 (global.get $DIGITS)
      (i32.add (i32.const 0x30) (i32.rem_u (local.get $n) (i32.const 10))))))
