;; The story of the encrypted editor without a host: the folder is made of WAT, and so are the
;; streams. What the editor shows is logged, then what lies on the "disk".
(module $STORY
  (import "host" "log" (func $log (param i32)))
  (rec
    (type $open (func (param $path i32) (param $path_len i32) (param $flags i32)
                      (result i32 (ref null $fd))))
    (type $read (func (param $buf i32) (param $len i32) (result i32)))
    (type $write (func (param $buf i32) (param $len i32) (result i32)))
    (type $close (func (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))

  (type $Memory (instance (export "memory" (memory 1))))
  (type $Cipher (instance
    (export "chacha20_xor" (func
      (param i32 i32 i32 i32 i32 i32 i32 i32) (param i32 i32 i32) (param i64)
      (param i32 i32 i32) (param i32)))))
  (import "./chacha20.wat" (module $CHACHA20
    (import "memory" (instance (type outer $STORY $Memory)))
    (export (type outer $STORY $Cipher))))
  (import "./encrypt.wat" (module $ENCRYPT
    (alias outer $STORY $fd (type $fd))
    (import "memory" (instance (type outer $STORY $Memory)))
    (import "chacha20" (instance (type outer $STORY $Cipher)))
    (export "wrap" (func (param (ref $fd)) (param (ref $fd)) (param i32) (result (ref $fd))))))
  (import "./editor.wat" (module $EDITOR
    (alias outer $STORY $fd (type $fd))
    (import "memory" (instance (type outer $STORY $Memory)))
    (export "edit" (func (param (ref $fd)) (param (ref $fd)) (result i32)))))

  (module $MEMORY (memory (export "memory") 1))
  (instance $memory (instantiate $MEMORY))
  (instance $chacha20 (instantiate $CHACHA20 (import "memory" (instance $memory))))
  (instance $encrypt (instantiate $ENCRYPT
    (import "memory" (instance $memory)) (import "chacha20" (instance $chacha20))))
  (instance $editor (instantiate $EDITOR (import "memory" (instance $memory))))
  (alias $memory "memory" (memory $shared))

  ;; ---- a disk with one file, of at most 2 KiB from 0x0800 on; null until it is created

  (type $file (struct (field $size (mut i32))))
  (global $file (mut (ref null $file)) (ref.null $file))
  (type $position (struct (field $at (mut i32))))
  (type $f_read (func (param (ref $file)) (param (ref $position)) (param i32 i32) (result i32)))
  (type $f_write (func (param (ref $file)) (param i32 i32) (result i32)))
  (elem declare func $disk_open $file_read $file_write $ok $no_open $no_read $no_write $show $draw)

  (func $disk_open (type $open)
    (if (i32.and (local.get 2) (i32.const 3))
      (then (global.set $file (struct.new_default $file))))
    (if (ref.is_null (global.get $file)) (then (return (i32.const 44) (ref.null $fd))))
    (i32.const 0)
    (struct.new $fd
      (ref.func $no_open)
      (func.bind $read
        (ref.as_non_null (global.get $file)) (struct.new $position (i32.const 0))
        (ref.func $file_read))
      (func.bind $write (ref.as_non_null (global.get $file)) (ref.func $file_write))
      (ref.func $ok)))
  (func $file_read (type $f_read) (local $at i32) (local $count i32)
    (local.set $at (struct.get $position $at (local.get 1)))
    (local.set $count (i32.sub (struct.get $file $size (local.get 0)) (local.get $at)))
    (if (i32.gt_u (local.get $count) (local.get 3)) (then (local.set $count (local.get 3))))
    (memory.copy
      (local.get 2) (i32.add (i32.const 0x0800) (local.get $at)) (local.get $count))
    (struct.set $position $at (local.get 1) (i32.add (local.get $at) (local.get $count)))
    (local.get $count))
  (func $file_write (type $f_write)
    (memory.copy
      (i32.add (i32.const 0x0800) (struct.get $file $size (local.get 0)))
      (local.get 1) (local.get 2))
    (struct.set $file $size (local.get 0)
      (i32.add (struct.get $file $size (local.get 0)) (local.get 2)))
    (local.get 2))

  (func $ok (type $close) (i32.const 0))
  (func $no_open (type $open) (i32.const 54) (ref.null $fd))
  (func $no_read (type $read) (i32.const -8))
  (func $no_write (type $write) (i32.const -8))
  (func $show (type $write)
    (call $log_bytes (local.get 0) (local.get 1))
    (local.get 1))
  (func $draw (type $read)
    (memory.fill (local.get 0) (i32.const 0x5a) (local.get 1))
    (local.get 1))
  (func $log_bytes (param $at i32) (param $count i32)
    (loop $more
      (if (local.get $count)
        (then
          (call $log (i32.load8_u (local.get $at)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $more)))))

  ;; ---- the story

  (data $key "demonstration key: not a secret!")
  (func (export "run")
    (local $disk (ref $fd)) (local $random (ref $fd))
    (local.set $disk
      (struct.new $fd
        (ref.func $disk_open) (ref.func $no_read) (ref.func $no_write) (ref.func $ok)))
    (local.set $random
      (struct.new $fd (ref.func $no_open) (ref.func $draw) (ref.func $no_write) (ref.func $ok)))
    (memory.init $key (i32.const 0) (i32.const 0) (i32.const 32))
    (call $log
      (call (func $editor "edit")
        (call (func $encrypt "wrap") (local.get $disk) (local.get $random) (i32.const 0))
        (struct.new $fd (ref.func $no_open) (ref.func $no_read) (ref.func $show) (ref.func $ok))))
    (call $log_bytes (i32.const 0x0800)
      (struct.get $file $size (global.get $file)))))
