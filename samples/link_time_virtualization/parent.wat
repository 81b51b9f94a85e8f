;; Gives its child a `wasi_file` that packs, made of the real one. The child cannot get at the real
;; one: what it imports is what it is given here.
;;
;;     watloom run parent.wat
(module $PARENT
  (type $WasiFile (instance
    (export "read" (func (param i32 i32 i32) (result i32)))
    (export "write" (func (param i32 i32 i32) (result i32)))))
  (type $Memory (instance
    (export "memory" (memory 1))))
  (import "wasi_file" (instance $real-wasi (type $WasiFile)))

  (import "virtualize" (module $VIRTUALIZE
    (import "wasi_file" (instance (type outer $PARENT $WasiFile)))
    (import "memory" (instance (type outer $PARENT $Memory)))
    (export (type outer $PARENT $WasiFile))))
  (import "child" (module $CHILD
    (import "wasi_file" (instance (type outer $PARENT $WasiFile)))
    (import "memory" (instance (type outer $PARENT $Memory)))
    (export "play" (func))))

  ;; `read` and `write` take pointers, so all who pass them on share a memory.
  (module $MEMORY
    (memory (export "memory") 1))

  (instance $memory (instantiate $MEMORY))
  (instance $virt-wasi (instantiate $VIRTUALIZE
    (import "wasi_file" (instance $real-wasi))
    (import "memory" (instance $memory))))
  (instance $child (instantiate $CHILD
    (import "wasi_file" (instance $virt-wasi))
    (import "memory" (instance $memory))))

  ;; Other engines let the real `wasi_file` see only a memory that is exported.
  (export "memory" (memory $memory "memory"))

  (func $work (export "work")
    (call (func $child "play")))

  ;; What `watloom run` calls.
  (func (export "_start")
    (call $work)))
