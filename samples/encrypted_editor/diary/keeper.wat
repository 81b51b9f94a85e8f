;; The keeper of the key: has a folder, and makes an encrypted one of it.
;;
;; It can be linked in the place of the host's `fd`, since it exports what that does. And while it is
;; running it can hand its folder to somebody else, of whom it knows but a function's type.
(module $keeper
  (rec
    (type $open (func (param $path i32) (param $path_len i32) (param $flags i32)
                      (result i32 (ref null $fd))))
    (type $read (func (param $buf i32) (param $len i32) (result i32)))
    (type $write (func (param $buf i32) (param $len i32) (result i32)))
    (type $close (func (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))
  (type $take (func (param (ref $fd))))

  (import "fd" "preopen" (func $preopen (param i32) (result (ref null $fd))))
  (import "fd" "stdout" (func $stdout (result (ref $fd))))
  (import "fd" "random" (func $random (result (ref $fd))))
  (import "encrypt" "wrap" (func $wrap
    (param (ref $fd)) (param (ref $fd)) (param i32) (result (ref $fd))))
  (import "memory" "memory" (memory 1))

  (data $demonstration_key "demonstration key: not a secret!")
  (global $KEY i32 (i32.const 0x0000))                       ;; 32 bytes, for a moment
  (global $folder (mut (ref null $fd)) (ref.null $fd))       ;; once it is wrapped

  (export "stdout" (func $stdout))

  ;; As the host's: a folder by its number, or null. There is one, the first of the host's, wrapped.
  (func $wrapped (export "preopen") (param $number i32) (result (ref null $fd))
    (if (local.get $number) (then (return (ref.null $fd))))
    (if (ref.is_null (global.get $folder))
      (then (global.set $folder (call $wrap_first))))
    (global.get $folder))

  (func $wrap_first (result (ref null $fd))
    (local $inner (ref null $fd)) (local $folder (ref $fd))
    (local.set $inner (call $preopen (i32.const 0)))
    (if (ref.is_null (local.get $inner)) (then (return (ref.null $fd))))
    (memory.init $demonstration_key (global.get $KEY) (i32.const 0) (i32.const 32))
    (local.set $folder
      (call $wrap (ref.as_non_null (local.get $inner)) (call $random) (global.get $KEY)))
    (memory.fill (global.get $KEY) (i32.const 0) (i32.const 32))
    (local.get $folder))

  ;; Hands the folder to whoever takes it.
  (func (export "hand_to") (param $take (ref $take))
    (call_ref $take
      (ref.as_non_null (call $wrapped (i32.const 0)))
      (local.get $take))))
