;; The editor once more, where an fd is an object: what stands in its fields is called with the fd
;; itself in front, and finds there what it needs. So nothing has to be bound, and this is standard
;; WebAssembly 3.0.
;;
;; It imports no function at all. What is behind the two fds that it is handed, it cannot know.
(module $editor
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

  (import "memory" "memory" (memory 1))

  ;; The editor's part of the shared memory is 0x1000 to 0x1fff.
  (data (i32.const 0x1000) "letter.txt")                                        ;; 10 bytes
  (data (i32.const 0x1100) "Dear Ada,\n")                                       ;; 10
  (data (i32.const 0x1200) "I write to you in plain words, as I always do.\n")  ;; 47
  (data (i32.const 0x1300) "What becomes of them below is not my business.\n")  ;; 47
  (global $PAGE i32 (i32.const 0x1400))                                         ;; 16, for reading

  ;; Gives 0, or the errno of what went wrong.
  (func (export "edit") (param $dir (ref $fd)) (param $out (ref $fd)) (result i32)
    (local $errno i32)
    (local.set $errno (call $save_letter (local.get $dir)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (call $show_letter (local.get $dir) (local.get $out)))

  (func $save_letter (param $dir (ref $fd)) (result i32)
    (local $letter (ref null $fd)) (local $errno i32)
    (call $open_letter (local.get $dir) (i32.const 7))      ;; create, truncate, for writing
    (local.set $letter) (local.set $errno)
    (if (local.get $errno) (then (return (local.get $errno))))
    (block $stop
      (br_if $stop (local.tee $errno
        (call $write_all (local.get $letter) (i32.const 0x1100) (i32.const 10))))
      (br_if $stop (local.tee $errno
        (call $write_all (local.get $letter) (i32.const 0x1200) (i32.const 47))))
      (local.set $errno
        (call $write_all (local.get $letter) (i32.const 0x1300) (i32.const 47))))
    (call $close_letter (local.get $letter) (local.get $errno)))

  (func $show_letter (param $dir (ref $fd)) (param $out (ref $fd)) (result i32)
    (local $letter (ref null $fd)) (local $errno i32) (local $count i32)
    (call $open_letter (local.get $dir) (i32.const 0))      ;; for reading
    (local.set $letter) (local.set $errno)
    (if (local.get $errno) (then (return (local.get $errno))))
    (block $stop
      (loop $more
        (local.set $count
          (call_ref $read
            (ref.as_non_null (local.get $letter))
            (global.get $PAGE) (i32.const 16)
            (struct.get $fd $read (local.get $letter))))
        (br_if $stop (i32.eqz (local.get $count)))
        (if (i32.lt_s (local.get $count) (i32.const 0))
          (then
            (local.set $errno (i32.sub (i32.const 0) (local.get $count)))
            (br $stop)))
        (local.set $errno
          (call $write_all (local.get $out) (global.get $PAGE) (local.get $count)))
        (br_if $more (i32.eqz (local.get $errno)))))
    (call $close_letter (local.get $letter) (local.get $errno)))

  ;; ---- an fd's functions, a little more comfortable

  (func $open_letter (param $dir (ref $fd)) (param $flags i32) (result i32 (ref null $fd))
    (call_ref $open
      (local.get $dir) (i32.const 0x1000) (i32.const 10) (local.get $flags)
      (struct.get $fd $open (local.get $dir))))

  ;; An fd may take fewer bytes than it is offered. Gives 0 or an errno.
  (func $write_all (param $to (ref null $fd)) (param $text i32) (param $len i32) (result i32)
    (local $count i32)
    (loop $more
      (local.set $count
        (call_ref $write
          (ref.as_non_null (local.get $to)) (local.get $text) (local.get $len)
          (struct.get $fd $write (local.get $to))))
      (if (i32.lt_s (local.get $count) (i32.const 0))
        (then (return (i32.sub (i32.const 0) (local.get $count)))))
      (if (i32.eqz (local.get $count)) (then (return (i32.const 29))))     ;; EIO: stuck
      (local.set $text (i32.add (local.get $text) (local.get $count)))
      (local.set $len (i32.sub (local.get $len) (local.get $count)))
      (br_if $more (local.get $len)))
    (i32.const 0))

  ;; Closes in any case. If something had gone wrong before, that is the errno that counts.
  (func $close_letter (param $letter (ref null $fd)) (param $errno i32) (result i32)
    (local $closing i32)
    (local.set $closing
      (call_ref $close
        (ref.as_non_null (local.get $letter)) (struct.get $fd $close (local.get $letter))))
    (select (local.get $errno) (local.get $closing) (local.get $errno))))
