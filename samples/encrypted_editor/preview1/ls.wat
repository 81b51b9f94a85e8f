;; ls, for WASI preview 1: the names in the first folder that it was granted, one a line.
;;
;;     watloom run --dir DIR ls.wat
(module $ls
  (import "wasi_snapshot_preview1" "fd_readdir"
    (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 0x10) "\n")
  (global $VECTOR i32 (i32.const 0x20))      ;; pointer and length of one buffer
  (global $WRITTEN i32 (i32.const 0x30))     ;; how many bytes it was
  (global $USED i32 (i32.const 0x34))        ;; how many of the entries' bytes are any
  (global $ENTRIES i32 (i32.const 0x1000))   ;; 4 KiB: 24 bytes an entry, and then its name
  (global $SIZE i32 (i32.const 0x1000))

  (func (export "_start")
    (local $cookie i64) (local $entry i32) (local $end i32)
    (loop $more
      (if (call $fd_readdir
            (i32.const 3) (global.get $ENTRIES) (global.get $SIZE) (local.get $cookie)
            (global.get $USED))
        (then (call $proc_exit (i32.const 1))))
      (local.set $entry (global.get $ENTRIES))
      (local.set $end (i32.add (local.get $entry) (i32.load (global.get $USED))))
      (block $through
        (loop $next
          ;; An entry, the last one, may be cut off; it comes again.
          (br_if $through
            (i32.gt_u (i32.add (local.get $entry) (i32.const 24)) (local.get $end)))
          (br_if $through
            (i32.gt_u
              (i32.add
                (i32.add (local.get $entry) (i32.const 24))
                (i32.load offset=16 (local.get $entry)))
              (local.get $end)))
          (local.set $cookie (i64.load (local.get $entry)))
          (call $show
            (i32.add (local.get $entry) (i32.const 24))
            (i32.load offset=16 (local.get $entry)))
          (local.set $entry
            (i32.add
              (i32.add (local.get $entry) (i32.const 24))
              (i32.load offset=16 (local.get $entry))))
          (br $next)))
      ;; A buffer that is not full was the last one.
      (br_if $more (i32.eq (i32.load (global.get $USED)) (global.get $SIZE)))))

  ;; `.` and `..` are left out.
  (func $show (param $name i32) (param $len i32)
    (if (i32.eq (i32.load8_u (local.get $name)) (i32.const 0x2e))
      (then
        (if (i32.eq (local.get $len) (i32.const 1)) (then (return)))
        (if (i32.and
              (i32.eq (local.get $len) (i32.const 2))
              (i32.eq (i32.load8_u offset=1 (local.get $name)) (i32.const 0x2e)))
          (then (return)))))
    (call $print (local.get $name) (local.get $len))
    (call $print (i32.const 0x10) (i32.const 1)))

  (func $print (param $text i32) (param $len i32)
    (loop $more
      (i32.store offset=0 (global.get $VECTOR) (local.get $text))
      (i32.store offset=4 (global.get $VECTOR) (local.get $len))
      (if (call $fd_write (i32.const 1) (global.get $VECTOR) (i32.const 1) (global.get $WRITTEN))
        (then (call $proc_exit (i32.const 1))))
      (local.set $text (i32.add (local.get $text) (i32.load (global.get $WRITTEN))))
      (local.set $len (i32.sub (local.get $len) (i32.load (global.get $WRITTEN))))
      (br_if $more (local.get $len)))))
