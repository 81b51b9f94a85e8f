;; The compressing provider: `wrap` takes a folder and gives a folder whose files are compressed below
;; (block_log.wat, pack.wat). An instance wraps one folder; whoever wants another makes another
;; instance of this module.
;;
;; The memory is the provider's own: callers' pointers are followed through `caller`. Who is called may
;; look at its caller's memory 0, so there are two: texts are in one that no fd below can see.
(module $COMPRESS
  (rec
    (type $open (func (param i32 i32 i32) (result i32 (ref null $fd))))
    (type $read (func (param i32 i32) (result i32)))
    (type $write (func (param i32 i32) (result i32)))
    (type $close (func (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))
  (rec
    (type $pread (func (param i32 i32 i64) (result i32)))
    (type $pwrite (func (param i32 i32 i64) (result i32)))
    (type $seek (func (param i64 i32) (result i64)))
    (type $sync (func (param i32) (result i32)))
    (type $set_size (func (param i64) (result i32)))
    (type $allocate (func (param i64 i64) (result i32)))
    (type $stat (func (param i32) (result i32)))
    (type $set_times (func (param i64 i64 i32) (result i32)))
    (type $flags (func (result i32)))
    (type $set_flags (func (param i32) (result i32)))
    (type $poll (func (param i32) (result i64)))
    (type $readdir (func (param i32 i32 i64) (result i32)))
    (type $stat_at (func (param i32 i32 i32 i32) (result i32)))
    (type $set_times_at (func (param i32 i32 i32 i64 i64 i32) (result i32)))
    (type $mkdir (func (param i32 i32) (result i32)))
    (type $rmdir (func (param i32 i32) (result i32)))
    (type $unlink (func (param i32 i32) (result i32)))
    (type $rename (func (param i32 i32 (ref $fd) i32 i32) (result i32)))
    (type $link (func (param i32 i32 i32 (ref $fd) i32 i32) (result i32)))
    (type $symlink (func (param i32 i32 i32 i32) (result i32)))
    (type $readlink (func (param i32 i32 i32 i32) (result i32)))
    (type $vnode (sub $fd (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))
      (field $pread (ref $pread)) (field $pwrite (ref $pwrite)) (field $seek (ref $seek))
      (field $sync (ref $sync)) (field $set_size (ref $set_size))
      (field $allocate (ref $allocate)) (field $stat (ref $stat))
      (field $set_times (ref $set_times)) (field $flags (ref $flags))
      (field $set_flags (ref $set_flags)) (field $poll (ref $poll))
      (field $readdir (ref $readdir)) (field $stat_at (ref $stat_at))
      (field $set_times_at (ref $set_times_at)) (field $mkdir (ref $mkdir))
      (field $rmdir (ref $rmdir)) (field $unlink (ref $unlink)) (field $rename (ref $rename))
      (field $link (ref $link)) (field $symlink (ref $symlink))
      (field $readlink (ref $readlink))))))

  (type $Caller (instance
    (export "size" (func (result i32)))
    (export "read" (func (param i32 i32 i32)))
    (export "write" (func (param i32 i32 i32)))))
  (type $Memory (instance (export "memory" (memory 4))))
  (type $Outside (instance (export "memory" (memory 3))))
  (type $Codec (instance
    (export "block" (global i32))
    (export "magic" (global i64))
    (export "new_id" (func (param i32) (result i32)))
    (export "use" (func (param i32)))
    (export "close_header" (func (param i32) (result i32)))
    (export "open_header" (func (param i32) (result i32)))
    (export "close_block" (func (param i32 i32) (result i32)))
    (export "open_block" (func (param i32 i32) (result i32)))
    (export "add" (func (param i32 i32)))))
  (type $Index (instance
    (export "new" (func (result (ref struct))))
    (export "find" (func (param (ref struct) i64) (result i64 i64 i64)))
    (export "extent" (func (param (ref struct)) (result i64 i32 i32)))
    (export "show_sum" (func (param (ref struct))))
    (export "take" (func (param (ref struct) i64) (result i32)))))
  (type $Log (instance
    (alias outer $COMPRESS $vnode (type $vnode))
    (export "new" (func (param (ref $vnode)) (result (ref struct))))
    (export "create" (func (param (ref struct)) (result i32)))
    (export "peek" (func (param (ref struct)) (result i32 i64)))
    (export "refresh" (func (param (ref struct)) (result i32)))
    (export "size" (func (param (ref struct)) (result i64)))
    (export "load" (func (param (ref struct) i64) (result i32)))
    (export "length" (func (param (ref struct) i64) (result i32)))
    (export "forget" (func))
    (export "store" (func (param (ref struct) i64 i32) (result i32)))
    (export "commit" (func (param (ref struct) i64) (result i32)))
    (export "cut" (func (param (ref struct) i64) (result i32)))))
  (type $File (instance
    (alias outer $COMPRESS $vnode (type $vnode))
    (export "new" (func (param (ref struct) (ref $vnode) i32) (result (ref $vnode))))))
  (type $Lz4 (instance
    (export "pack" (func (param i32 i32 i32 i32) (result i32)))
    (export "unpack" (func (param i32 i32 i32 i32) (result i32)))))

  (import "caller" (instance $caller (type $Caller)))

  (import "./lz4.wat" (module $LZ4
    (import "memory" (instance (type outer $COMPRESS $Memory)))
    (export (type outer $COMPRESS $Lz4))))
  (import "./pack.wat" (module $PACK
    (import "memory" (instance (type outer $COMPRESS $Memory)))
    (import "lz4" (instance (type outer $COMPRESS $Lz4)))
    (export (type outer $COMPRESS $Codec))))
  (import "./block_index.wat" (module $INDEX
    (import "memory" (instance (type outer $COMPRESS $Memory)))
    (import "codec" (instance (type outer $COMPRESS $Codec)))
    (export (type outer $COMPRESS $Index))))
  (import "./block_log.wat" (module $LOG
    (import "outside" (instance (type outer $COMPRESS $Outside)))
    (import "memory" (instance (type outer $COMPRESS $Memory)))
    (import "codec" (instance (type outer $COMPRESS $Codec)))
    (import "index" (instance (type outer $COMPRESS $Index)))
    (export (type outer $COMPRESS $Log))))
  (import "./block_file.wat" (module $FILE
    (import "outside" (instance (type outer $COMPRESS $Outside)))
    (import "memory" (instance (type outer $COMPRESS $Memory)))
    (import "caller" (instance (type outer $COMPRESS $Caller)))
    (import "codec" (instance (type outer $COMPRESS $Codec)))
    (import "log" (instance (type outer $COMPRESS $Log)))
    (export (type outer $COMPRESS $File))))
  (import "./block_folder.wat" (module $FOLDER
    (alias outer $COMPRESS $vnode (type $vnode))
    (import "outside" (instance (type outer $COMPRESS $Outside)))
    (import "caller" (instance (type outer $COMPRESS $Caller)))
    (import "log" (instance (type outer $COMPRESS $Log)))
    (import "file" (instance (type outer $COMPRESS $File)))
    (export "new" (func (param (ref $vnode)) (result (ref $vnode))))))

  (module $MEMORY
    (memory (export "memory") 4))
  (module $OUTSIDE
    (memory (export "memory") 3))

  ;;     folder ── opens ──► file ── bytes to blocks ──► log ── where? ──► index
  ;;                                                      └───► codec ◄──────┘
  (instance $memory (instantiate $MEMORY))
  (instance $outside (instantiate $OUTSIDE))
  (instance $lz4 (instantiate $LZ4 (import "memory" (instance $memory))))
  (instance $codec (instantiate $PACK
    (import "memory" (instance $memory)) (import "lz4" (instance $lz4))))
  (instance $index (instantiate $INDEX
    (import "memory" (instance $memory)) (import "codec" (instance $codec))))
  (instance $log (instantiate $LOG
    (import "outside" (instance $outside)) (import "memory" (instance $memory))
    (import "codec" (instance $codec))
    (import "index" (instance $index))))
  (instance $file (instantiate $FILE
    (import "outside" (instance $outside)) (import "memory" (instance $memory))
    (import "caller" (instance $caller))
    (import "codec" (instance $codec)) (import "log" (instance $log))))
  (instance $folder (instantiate $FOLDER
    (import "outside" (instance $outside)) (import "caller" (instance $caller))
    (import "log" (instance $log)) (import "file" (instance $file))))


  (global $EBUSY i32 (i32.const 10))
  (global $used (mut i32) (i32.const 0))

  ;; Gives 0 and the folder, or EBUSY and null where this instance has wrapped one already.
  (func (export "wrap") (param $inner (ref $vnode)) (result i32 (ref null $vnode))
    (if (global.get $used) (then (return (global.get $EBUSY) (ref.null $vnode))))
    (global.set $used (i32.const 1))
    (i32.const 0)
    (call (func $folder "new") (local.get $inner))))
