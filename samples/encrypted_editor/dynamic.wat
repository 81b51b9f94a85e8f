;; Virtualization while it runs: the diary is linked to the host, and writes its first day as it is.
;; Then the keeper, which is running too, hands it another folder, and the second day is encrypted.
;; The diary is the same as in static.wat.
;;
;;     watloom run --dir DIR dynamic.wat
(module $PARENT
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

  (type $Memory (instance (export "memory" (memory 1))))
  (type $Cipher (instance
    (export "chacha20_xor" (func
      (param i32 i32 i32 i32 i32 i32 i32 i32)    ;; key
      (param i32 i32 i32)                        ;; nonce
      (param i64)                                ;; position in the keystream
      (param i32 i32 i32)                        ;; from, to, length
      (param i32)))))                            ;; 64 bytes of work space
  (type $Encrypt (instance
    (alias outer $PARENT $fd (type $fd))
    (export "wrap" (func (param (ref $fd)) (param (ref $fd)) (param i32) (result (ref $fd))))))

  ;; What the diary asks for: the host's `fd` has it, and so has the keeper.
  (type $Fd (instance
    (alias outer $PARENT $fd (type $fd))
    (export "preopen" (func (param i32) (result (ref null $fd))))
    (export "stdout" (func (result (ref $fd))))))

  (import "fd" (instance $fd
    (alias outer $PARENT $fd (type $fd))
    (export "preopen" (func (param i32) (result (ref null $fd))))
    (export "stdout" (func (result (ref $fd))))
    (export "random" (func (result (ref $fd))))))

  ;; ---- the modules beside this file

  (import "./chacha20.wat" (module $CHACHA20
    (import "memory" (instance (type outer $PARENT $Memory)))
    (export (type outer $PARENT $Cipher))))

  (import "./encrypt.wat" (module $ENCRYPT
    (import "memory" (instance (type outer $PARENT $Memory)))
    (import "chacha20" (instance (type outer $PARENT $Cipher)))
    (export (type outer $PARENT $Encrypt))))

  (import "./diary/keeper.wat" (module $KEEPER
    (alias outer $PARENT $fd (type $fd))
    (alias outer $PARENT $take (type $take))
    (import "fd" (instance
      (alias outer $PARENT $fd (type $fd))
      (export "preopen" (func (param i32) (result (ref null $fd))))
      (export "stdout" (func (result (ref $fd))))
      (export "random" (func (result (ref $fd))))))
    (import "encrypt" (instance (type outer $PARENT $Encrypt)))
    (import "memory" (instance (type outer $PARENT $Memory)))
    (export "hand_to" (func (param (ref $take))))))

  (import "./diary/diary.wat" (module $DIARY
    (alias outer $PARENT $fd (type $fd))
    (import "fd" (instance (type outer $PARENT $Fd)))
    (import "memory" (instance (type outer $PARENT $Memory)))
    (export "begin" (func (result i32)))
    (export "move" (func (param (ref $fd))))
    (export "write" (func (result i32)))))

  ;; ---- the wiring

  (module $MEMORY
    (memory (export "memory") 1))

  (instance $memory (instantiate $MEMORY))
  (instance $chacha20 (instantiate $CHACHA20
    (import "memory" (instance $memory))))
  (instance $encrypt (instantiate $ENCRYPT
    (import "memory" (instance $memory))
    (import "chacha20" (instance $chacha20))))
  (instance $keeper (instantiate $KEEPER
    (import "fd" (instance $fd))
    (import "encrypt" (instance $encrypt))
    (import "memory" (instance $memory))))
  (instance $diary (instantiate $DIARY
    (import "fd" (instance $fd))
    (import "memory" (instance $memory))))

  (alias $diary "move" (func $move))
  (elem declare func $move)

  (func (export "_start")
    (if (call (func $diary "begin")) (then (unreachable)))         ;; no folder: run with --dir DIR
    (if (call (func $diary "write")) (then (unreachable)))
    (call (func $keeper "hand_to") (ref.func $move))
    (if (call (func $diary "write")) (then (unreachable)))))
