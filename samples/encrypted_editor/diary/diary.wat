;; A diary: each day it writes a page into its folder, reads it again and shows it.
;;
;; Where its folder comes from it does not know. It asks its `fd` for one when it begins; and while it
;; is running it can be told to go on in another.
(module $diary
  (rec
    (type $open (func (param $path i32) (param $path_len i32) (param $flags i32)
                      (result i32 (ref null $fd))))
    (type $read (func (param $buf i32) (param $len i32) (result i32)))
    (type $write (func (param $buf i32) (param $len i32) (result i32)))
    (type $close (func (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))

  (import "fd" "preopen" (func $preopen (param i32) (result (ref null $fd))))
  (import "fd" "stdout" (func $stdout (result (ref $fd))))
  (import "memory" "memory" (memory 1))

  (global $folder (mut (ref null $fd)) (ref.null $fd))
  (global $day (mut i32) (i32.const 0))

  ;; The diary's part of the shared memory is 0x1000 to 0x1fff.
  (data (i32.const 0x1000) "day-0.txt")                                         ;; 9 bytes
  (global $NAME_DIGIT i32 (i32.const 0x1004))
  (data (i32.const 0x1100) "Day 0. Nobody knows what I write.\n")               ;; 34
  (global $PAGE_DIGIT i32 (i32.const 0x1104))
  (global $BUFFER i32 (i32.const 0x1200))                                       ;; 34, for reading

  ;; Begins in the first folder. Gives 0, or ENOENT where there is none.
  (func (export "begin") (result i32)
    (global.set $folder (call $preopen (i32.const 0)))
    (select (i32.const 44) (i32.const 0) (ref.is_null (global.get $folder))))

  ;; Goes on in another folder.
  (func (export "move") (param $folder (ref $fd))
    (global.set $folder (local.get $folder)))

  ;; A new day, the ninth at most. Gives 0, or the errno of what went wrong.
  (func (export "write") (result i32)
    (local $page (ref null $fd)) (local $errno i32) (local $count i32)
    (global.set $day (i32.add (global.get $day) (i32.const 1)))
    (i32.store8 (global.get $NAME_DIGIT) (i32.add (i32.const 0x30) (global.get $day)))
    (i32.store8 (global.get $PAGE_DIGIT) (i32.add (i32.const 0x30) (global.get $day)))

    (call $open_page (i32.const 7))                         ;; create, truncate, for writing
    (local.set $page) (local.set $errno)
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $count
      (call_ref $write
        (i32.const 0x1100) (i32.const 34) (struct.get $fd $write (local.get $page))))
    (drop (call_ref $close (struct.get $fd $close (local.get $page))))
    (if (i32.ne (local.get $count) (i32.const 34)) (then (return (i32.const 29))))     ;; EIO

    (call $open_page (i32.const 0))                         ;; for reading
    (local.set $page) (local.set $errno)
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $count
      (call_ref $read
        (global.get $BUFFER) (i32.const 34) (struct.get $fd $read (local.get $page))))
    (drop (call_ref $close (struct.get $fd $close (local.get $page))))
    (if (i32.ne (local.get $count) (i32.const 34)) (then (return (i32.const 29))))
    (local.set $count
      (call_ref $write
        (global.get $BUFFER) (i32.const 34) (struct.get $fd $write (call $stdout))))
    (select (i32.const 0) (i32.const 29) (i32.eq (local.get $count) (i32.const 34))))

  (func $open_page (param $flags i32) (result i32 (ref null $fd))
    (call_ref $open
      (i32.const 0x1000) (i32.const 9) (local.get $flags)
      (struct.get $fd $open (global.get $folder)))))
