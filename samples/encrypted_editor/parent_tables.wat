;; The one who decides, once more without references: an fd is a number here, whose meaning
;; `struct_table` and the `bind_table`s know. All that runs is WebAssembly 2.0 at most: no GC, no
;; typed references, no closures. Only the linking is not, and it can be lowered.
;;
;;     watloom run --dir DIR parent_tables.wat
(module $PARENT
  (type $Memory (instance (export "memory" (memory 1))))
  (type $Structs (instance
    (export "create" (func (param i32) (result i32)))
    (export "get" (func (param i32 i32) (result i32)))
    (export "set" (func (param i32 i32 i32)))
    (export "free" (func (param i32)))))
  ;; Of which signature the functions are that are bound, says `call`; its first parameter is a handle.
  (type $BindOpen (instance
    (export "table" (table 128 funcref))
    (export "bind" (func (param i32 i32) (result i32)))
    (export "call" (func (param i32 i32 i32 i32 i32) (result i32)))
    (export "free" (func (param i32)))))
  (type $Bind (instance
    (export "table" (table 128 funcref))
    (export "bind" (func (param i32 i32) (result i32)))
    (export "call" (func (param i32 i32 i32) (result i32)))
    (export "free" (func (param i32)))))
  (type $BindClose (instance
    (export "table" (table 128 funcref))
    (export "bind" (func (param i32 i32) (result i32)))
    (export "call" (func (param i32) (result i32)))
    (export "free" (func (param i32)))))
  (type $Fds (instance
    (export "make" (func (param i32 i32 i32 i32 i32) (result i32)))
    (export "end" (func (param i32)))))
  (type $Cipher (instance
    (export "chacha20_xor" (func
      (param i32 i32 i32 i32 i32 i32 i32 i32)    ;; key
      (param i32 i32 i32)                        ;; nonce
      (param i64)                                ;; position in the keystream
      (param i32 i32 i32)                        ;; from, to, length
      (param i32)))))                            ;; 64 bytes of work space

  ;; ---- what the host gives, and the standard library

  (type $Wasi (instance
    (export "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (export "fd_read" (func (param i32 i32 i32 i32) (result i32)))
    (export "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (export "fd_close" (func (param i32) (result i32)))
    (export "fd_prestat_get" (func (param i32 i32) (result i32)))
    (export "random_get" (func (param i32 i32) (result i32)))))
  (import "wasi_snapshot_preview1" (instance $wasi (type $Wasi)))
  (import "struct_table" (instance $structs (type $Structs)))
  (import "bind_table" (instance $bind (type $Bind)))

  ;; ---- the modules beside this file

  (import "./tables/bind_open.wat" (module $BIND_OPEN
    (export (type outer $PARENT $BindOpen))))
  (import "./tables/bind_close.wat" (module $BIND_CLOSE
    (export (type outer $PARENT $BindClose))))

  (import "./chacha20.wat" (module $CHACHA20
    (import "memory" (instance (type outer $PARENT $Memory)))
    (export (type outer $PARENT $Cipher))))

  (import "./tables/fds.wat" (module $FDS
    (import "struct_table" (instance (type outer $PARENT $Structs)))
    (import "bind_open" (instance (type outer $PARENT $BindOpen)))
    (import "bind_table" (instance (type outer $PARENT $Bind)))
    (import "bind_close" (instance (type outer $PARENT $BindClose)))
    (export (type outer $PARENT $Fds))))

  (import "./tables/host.wat" (module $HOST
    (import "memory" (instance (type outer $PARENT $Memory)))
    (import "struct_table" (instance (type outer $PARENT $Structs)))
    (import "fds" (instance (type outer $PARENT $Fds)))
    (import "bind_open" (instance (type outer $PARENT $BindOpen)))
    (import "bind_table" (instance (type outer $PARENT $Bind)))
    (import "bind_close" (instance (type outer $PARENT $BindClose)))
    (import "wasi_snapshot_preview1" (instance (type outer $PARENT $Wasi)))
    (export "folder" (func (result i32)))
    (export "stdout" (func (result i32)))
    (export "stderr" (func (result i32)))
    (export "random" (func (result i32)))))

  (import "./tables/encrypt.wat" (module $ENCRYPT
    (import "memory" (instance (type outer $PARENT $Memory)))
    (import "struct_table" (instance (type outer $PARENT $Structs)))
    (import "fds" (instance (type outer $PARENT $Fds)))
    (import "bind_open" (instance (type outer $PARENT $BindOpen)))
    (import "bind_table" (instance (type outer $PARENT $Bind)))
    (import "bind_close" (instance (type outer $PARENT $BindClose)))
    (import "chacha20" (instance (type outer $PARENT $Cipher)))
    (export "wrap" (func (param i32) (param i32) (param i32) (result i32)))))

  (import "./tables/editor.wat" (module $EDITOR
    (import "memory" (instance (type outer $PARENT $Memory)))
    (import "struct_table" (instance (type outer $PARENT $Structs)))
    (import "bind_open" (instance (type outer $PARENT $BindOpen)))
    (import "bind_table" (instance (type outer $PARENT $Bind)))
    (import "bind_close" (instance (type outer $PARENT $BindClose)))
    (export "edit" (func (param i32) (param i32) (result i32)))))

  ;; ---- the wiring

  (module $MEMORY
    (memory (export "memory") 1))

  (instance $memory (instantiate $MEMORY))
  (instance $bind_open (instantiate $BIND_OPEN))
  (instance $bind_close (instantiate $BIND_CLOSE))
  (instance $fds (instantiate $FDS
    (import "struct_table" (instance $structs))
    (import "bind_open" (instance $bind_open))
    (import "bind_table" (instance $bind))
    (import "bind_close" (instance $bind_close))))
  (instance $host (instantiate $HOST
    (import "memory" (instance $memory))
    (import "struct_table" (instance $structs))
    (import "fds" (instance $fds))
    (import "bind_open" (instance $bind_open))
    (import "bind_table" (instance $bind))
    (import "bind_close" (instance $bind_close))
    (import "wasi_snapshot_preview1" (instance $wasi))))
  (instance $chacha20 (instantiate $CHACHA20
    (import "memory" (instance $memory))))
  (instance $encrypt (instantiate $ENCRYPT
    (import "memory" (instance $memory))
    (import "struct_table" (instance $structs))
    (import "fds" (instance $fds))
    (import "bind_open" (instance $bind_open))
    (import "bind_table" (instance $bind))
    (import "bind_close" (instance $bind_close))
    (import "chacha20" (instance $chacha20))))
  (instance $editor (instantiate $EDITOR
    (import "memory" (instance $memory))
    (import "struct_table" (instance $structs))
    (import "bind_open" (instance $bind_open))
    (import "bind_table" (instance $bind))
    (import "bind_close" (instance $bind_close))))

  (alias $memory "memory" (memory $shared))
  (export "memory" (memory $shared))      ;; where a host of another engine looks for it
  (alias $structs "get" (func $get))
  (alias $bind "call" (func $call_io))
  (alias $host "folder" (func $folder))
  (alias $host "stdout" (func $stdout))
  (alias $host "stderr" (func $stderr))
  (alias $host "random" (func $random))
  (alias $encrypt "wrap" (func $wrap))
  (alias $editor "edit" (func $edit))

  ;; ---- running it
  ;; Of the memory's first page, this module uses 0x0000 to 0x0eff, the host's adapter the rest up to
  ;; 0x0fff, and the editor the next 4 KiB. The provider adds a page for itself.

  (global $KEY i32 (i32.const 0x0000))                             ;; 32 bytes, for a moment
  (data $demonstration_key "demonstration key: not a secret!")

  (data (i32.const 0x0100) "no folder to write in: run with --dir DIR\n")       ;; 42 bytes
  (data (i32.const 0x0200) "the editor stopped with errno 00\n")                ;; 33
  (global $DIGITS i32 (i32.const 0x021e))                                       ;; the 00 in it
  (global $WRITE i32 (i32.const 2))                                             ;; a field of an fd

  (func (export "_start")
    (local $folder i32) (local $errno i32)
    (local.set $folder (call $folder))
    (if (i32.eqz (local.get $folder))
      (then (call $fail (i32.const 0x0100) (i32.const 42))))

    ;; The key is in the memory, where the editor could see it, only until `wrap` has a copy.
    (memory.init $demonstration_key (global.get $KEY) (i32.const 0) (i32.const 32))
    (local.set $folder (call $wrap (local.get $folder) (call $random) (global.get $KEY)))
    (memory.fill (global.get $KEY) (i32.const 0) (i32.const 32))

    (local.set $errno (call $edit (local.get $folder) (call $stdout)))
    (if (local.get $errno)
      (then
        (call $print_digits (local.get $errno))
        (call $fail (i32.const 0x0200) (i32.const 33)))))

  ;; Says what happened, and ends the program.
  (func $fail (param $message i32) (param $len i32)
    (local $to i32) (local $count i32)
    (local.set $to (call $stderr))
    (loop $more
      (local.set $count
        (call $call_io
          (call $get (local.get $to) (global.get $WRITE))
          (local.get $message) (local.get $len)))
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
