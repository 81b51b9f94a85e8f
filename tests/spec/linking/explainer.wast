;; Every example of the module-linking Explainer, section by section, as something that runs or is
;; refused.

;; ---- Single-level imports

(module $x (func (export "f") (result i32) (i32.const 7)))
(register "x" $x)
(module $one_level
  (import "x" (instance $x (export "f" (func (result i32)))))
  (import "x" "f" (func $two_levels (result i32)))
  (func (export "both") (result i32 i32) (call (func $x "f")) (call $two_levels)))
(assert_return (invoke "both") (i32.const 7) (i32.const 7))
(assert_unlinkable (module (import "x" (func))) "incompatible import type")
(assert_unlinkable (module (import "nowhere" (func))) "unknown import")

;; ---- Module and instance types

;; The type of a module is the module without its insides.  All three spellings are one type, so
;; that each of these modules fits where the other's type is wanted.
(module definition
  (module $definition
    (memory (import "a") 1 2)
    (func (import "b") (param i32))
    (table (export "c") 1 funcref)
    (func $notImportedOrExported (result i64) (i64.const 0))
    (func (export "d") (result f32) (f32.const 0)))
  (type $short (module
    (memory (import "a") 1 2)
    (func (import "b") (param i32))
    (table (export "c") 1 funcref)
    (func (export "d") (result f32))))
  (type $long (module
    (import "a" (memory 1 2))
    (import "b" (func (param i32)))
    (export "c" (table 1 funcref))
    (export "d" (func (result f32)))))
  (module $take_short (import "m" (module (type outer 0 $short))))
  (module $take_long (import "m" (module (type outer 0 $long))))
  (import "short" (module $is_short (type $short)))
  (import "long" (module $is_long (type $long)))
  (instance (instantiate $take_short (import "m" (module $definition))))
  (instance (instantiate $take_short (import "m" (module $is_long))))
  (instance (instantiate $take_long (import "m" (module $definition))))
  (instance (instantiate $take_long (import "m" (module $is_short)))))

;; The same, the body named from where it stands: 0 levels out of a nested module is its parent.
(module definition $OUT
  (type $long (module
    (import "a" (memory 1 2))
    (import "b" (func (param i32)))
    (export "c" (table 1 funcref))
    (export "d" (func (result f32)))))
  (import "long" (module $is_long (type $long)))
  (module $give
    (import "m" (module $m (type outer $OUT $long)))
    (import "b" (func $b (param i32)))
    (import "a" (memory $a 1 2))
    (instance $i (instantiate $m (import "b" (func $b)) (import "a" (memory $a))))
    ;; The type of the instance: that of the module without its imports.
    (module $take (import "i" (instance
      (export "c" (table 1 funcref))
      (export "d" (func (result f32))))))
    (instance (instantiate $take (import "i" (instance $i))))))

;; A type definition, and a zero-level export of it.
(module definition $P
  (type $WasiFile (instance
    (export "read" (func (param i32 i32 i32) (result i32)))
    (export "write" (func (param i32 i32 i32) (result i32)))))
  (import "win32-files" (module $Win32Files
    (import "Win32" "ReadFile" (func (param i32 i32 i32 i32) (result i32)))
    (import "Win32" "WriteFile" (func (param i32 i32 i32 i32) (result i32)))
    (export (type outer $P $WasiFile))))
  (import "Win32" (instance $win32
    (export "ReadFile" (func (param i32 i32 i32 i32) (result i32)))
    (export "WriteFile" (func (param i32 i32 i32 i32) (result i32)))))
  (instance $files (instantiate $Win32Files (import "Win32" (instance $win32))))
  (func (export "read") (result i32)
    (call (func $files "read") (i32.const 0) (i32.const 0) (i32.const 0))))

;; A body has types of its own.
(assert_malformed
  (module quote
    "(type $WasiFile (instance))"
    "(import \"m\" (module (export $WasiFile)))")
  "unknown type $WasiFile")

;; ---- Instance imports and aliases

(module $provider
  (global $last (mut i32) (i32.const 0))
  (func (export "f1") (global.set $last (i32.const 1)))
  (func (export "f2") (param i32) (global.set $last (local.get 0)))
  (func (export "last") (result i32) (global.get $last)))
(register "i" $provider)
(module (import "i" (instance $i (export "f1" (func)) (export "f2" (func (param i32))))))
(module (import "i" "f1" (func)) (import "i" "f2" (func (param i32))))

;; An alias in its three spellings.
(module
  (import "i" (instance $i (export "f1" (func)) (export "f2" (func (param i32)))))
  (alias $i "f1" (func $f))
  (func (export "run") call $f))
(assert_return (invoke "run"))
(assert_return (invoke $provider "last") (i32.const 1))
(module
  (import "i" (instance $i (export "f2" (func (param i32)))))
  (func $f (alias $i "f2"))
  (func (export "run") (call $f (i32.const 2))))
(assert_return (invoke "run"))
(assert_return (invoke $provider "last") (i32.const 2))
(module
  (import "i" (instance $i (export "f1" (func)) (export "f2" (func (param i32)))))
  (func (export "run") (call (func $i "f2") (i32.const 3))))
(assert_return (invoke "run"))
(assert_return (invoke $provider "last") (i32.const 3))

;; Two-level imports are an instance import: it has its place in the index space.
(module
  (import "i" "f1" (func))
  (import "i" "last" (func (result i32)))
  (func (export "last") (result i32) (call (func 0 "last"))))
(assert_return (invoke "last") (i32.const 3))

;; A default memory and a default table.
(module $libc_like
  (memory (export "mem") 1)
  (data (i32.const 4) "\2a")
  (table (export "tbl") 2 funcref)
  (func $f)
  (elem (i32.const 1) $f))
(register "libc" $libc_like)
(module
  (import "libc" (instance $libc
    (export "mem" (memory 1))
    (export "tbl" (table 0 funcref))))
  (alias $libc "mem" (memory))
  (alias $libc "tbl" (table))
  (func (export "load") (result i32) (i32.load (i32.const 4)))
  (func (export "is_null") (param i32) (result i32) (ref.is_null (table.get (local.get 0)))))
(assert_return (invoke "load") (i32.const 42))
(assert_return (invoke "is_null" (i32.const 0)) (i32.const 1))
(assert_return (invoke "is_null" (i32.const 1)) (i32.const 0))

;; ---- Module imports and nested instances

(module definition $adder
  (import "in" (func $in (result i32)))
  (func (export "out") (result i32) (i32.add (call $in) (i32.const 1))))
(module $holder
  (module $M
    (import "in" (func $in (result i32)))
    (func (export "out") (result i32) (i32.add (call $in) (i32.const 1))))
  (export "M" (module $M))
  (func (export "f") (result i32) (i32.const 10)))
(register "holder" $holder)
(module
  (import "holder" (instance $holder
    (export "M" (module (import "in" (func (result i32))) (export "out" (func (result i32)))))
    (export "f" (func (result i32)))))
  (alias $holder "M" (module $M))
  (alias $holder "f" (func $f))
  (instance $i (instantiate $M (import "in" (func $f))))
  (func (export "run") (result i32) (call (func $i "out"))))
(assert_return (invoke "run") (i32.const 11))

;; A chain of instances of one module.
(module
  (import "holder" "f" (func $f (result i32)))
  (import "holder" "M" (module $B (import "in" (func (result i32))) (export "out" (func (result i32)))))
  (instance $b1 (instantiate $B (import "in" (func $f))))
  (alias $b1 "out" (func $b1.h))
  (instance $b2 (instantiate $B (import "in" (func $b1.h))))
  (func (export "run") (result i32) (call (func $b2 "out"))))
(assert_return (invoke "run") (i32.const 12))

;; An instance is made before the functions of the module that it is in.
(assert_invalid
  (module
    (import "A" (module $A (import "f" (func))))
    (func $g)
    (instance $a (instantiate $A (import "f" (func $g)))))
  "unknown function $g")
;; Every import needs an argument, each name once; more than that may be given.
(assert_invalid
  (module
    (import "A" (module $A (import "f" (func))))
    (instance $a (instantiate $A)))
  "missing argument")
(assert_invalid
  (module
    (import "A" (module $A (import "f" (func))))
    (import "f" (func $f))
    (instance $a (instantiate $A (import "f" (func $f)) (import "f" (func $f)))))
  "duplicate argument")
(module definition
  (import "A" (module $A (import "f" (func))))
  (import "f" (func $f))
  (instance $a (instantiate $A (import "f" (func $f)) (import "superfluous" (func $f)))))

;; Each instance has a state of its own.
(module
  (module $COUNTER
    (global $n (mut i32) (i32.const 0))
    (func (export "next") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (global.get $n)))
  (instance $a (instantiate $COUNTER))
  (instance $b (instantiate $COUNTER))
  (func (export "run") (result i32 i32 i32)
    (call (func $a "next"))
    (call (func $a "next"))
    (call (func $b "next"))))
(assert_return (invoke "run") (i32.const 1) (i32.const 2) (i32.const 1))

;; ---- Nested modules

(module
  (module $CHILD
    (func (export "hi") (result i32) (i32.const 5)))
  (instance $child (instantiate $CHILD))
  (func (export "run") (result i32) (call (func $child "hi"))))
(assert_return (invoke "run") (i32.const 5))

;; Outer aliases, spelled out and in place.
(module definition $PARENT
  (type $FileOps (instance (export "open" (func (param i32) (result i32)))))
  (import "fileops" (instance $fileops (type $FileOps)))
  (module $CHILD
    (alias outer $PARENT $FileOps (type $FOps))
    (import "fileops" (instance $fops (type $FOps)))
    (func (export "run") (result i32) (call (func $fops "open") (i32.const 1))))
  (module $SAME
    (import "fileops" (instance $fops (type outer $PARENT $FileOps))))
  (module $RENAMED
    (alias outer $PARENT $FileOps (type $FileOps))
    (import "fileops" (instance $fops (type $FileOps))))
  (instance $child (instantiate $CHILD (import "fileops" (instance $fileops))))
  (instance $same (instantiate $SAME (import "fileops" (instance $fileops))))
  (instance $renamed (instantiate $RENAMED (import "fileops" (instance $fileops)))))
;; The names of a module are its own.
(assert_malformed
  (module quote
    "(module $PARENT (type $FileOps (instance))"
    "  (module $CHILD (import \"fileops\" (instance (type $FileOps)))))")
  "unknown type $FileOps")
;; Only what stands in front can be used.
(assert_malformed
  (module quote
    "(module $PARENT"
    "  (module $CHILD (import \"x\" (instance (type outer $PARENT $Later))))"
    "  (type $Later (instance)))")
  "unknown type $Later")
;; Nothing stands around the outermost module.
(assert_malformed (module quote "(alias outer $PARENT $T (type))") "unknown")
(assert_invalid (module (alias outer 0 0 (type))) "")

;; Imports may follow nested modules.
(module
  (module $M (func (export "f") (result i32) (i32.const 6)))
  (import "x" "f" (func $f (result i32)))
  (instance $i (instantiate $M))
  (func (export "run") (result i32) (i32.mul (call $f) (call (func $i "f")))))
(assert_return (invoke "run") (i32.const 42))

;; The type of a module import begins with empty spaces, too.
(module definition $PARENT
  (type $Libc (instance (export "malloc" (func (param i32) (result i32)))))
  (type $FileOps (instance (export "open" (func))))
  (import "in-memory-fs" (module $IN_MEMORY_FS
    (import "libc" (instance (type outer $PARENT $Libc)))
    (export "fileops" (instance (type outer $PARENT $FileOps)))))
  (import "libc" (instance $libc (type $Libc)))
  (instance $fs (instantiate $IN_MEMORY_FS (import "libc" (instance $libc))))
  (func (export "open") (call (func $fs "fileops" "open"))))

;; ---- Module and instance exports

(module $exporter
  (import "holder" "M" (module $a (import "in" (func (result i32))) (export "out" (func (result i32)))))
  (module $b (func (export "b") (result i32) (i32.const 20)))
  (import "x" (instance $c (export "f" (func (result i32)))))
  (instance $d (instantiate $b))
  (export "e1" (module $a))
  (export "e2" (module $b))
  (export "e3" (instance $c))
  (export "e4" (instance $d)))
(register "exporter" $exporter)
(module
  (import "exporter" (instance $e
    (export "e1" (module (import "in" (func (result i32))) (export "out" (func (result i32)))))
    (export "e2" (module (export "b" (func (result i32)))))
    (export "e3" (instance (export "f" (func (result i32)))))
    (export "e4" (instance (export "b" (func (result i32)))))))
  (alias $e "e1" (module $M))
  (alias $e "e2" (module $N))
  (alias $e "e3" (instance $e3))
  (alias $e3 "f" (func $f))
  (instance $i (instantiate $M (import "in" (func $f))))
  (instance $j (instantiate $N))
  (func (export "run") (result i32 i32 i32)
    (call (func $i "out"))
    (call (func $j "b"))
    (call (func $e "e4" "b"))))
(assert_return (invoke "run") (i32.const 8) (i32.const 20) (i32.const 20))

;; Instances N levels deep.
(module $deep
  (module $K (func (export "k") (result i32) (i32.const 30)))
  (module $J
    (import "K" (module $K (export "k" (func (result i32)))))
    (instance $j (instantiate $K))
    (export "j" (instance $j)))
  (instance $i (instantiate $J (import "K" (module $K))))
  (export "i" (instance $i)))
(register "deep" $deep)
(module
  (import "deep" (instance $d (export "i" (instance (export "j" (instance (export "k" (func (result i32)))))))))
  (func (export "run") (result i32) (call (func $d "i" "j" "k"))))
(assert_return (invoke "run") (i32.const 30))
(module
  (import "deep" "i" (instance $i (export "j" (instance (export "k" (func (result i32)))))))
  (alias $i "j" (instance $j))
  (alias $j "k" (func $k))
  (func (export "run") (result i32) (call $k)))
(assert_return (invoke "run") (i32.const 30))

;; A zero-level export, and an ordinary one.
(module
  (module $M (func (export "foo") (result i32) (i32.const 40)))
  (instance $i (instantiate $M))
  (export $i))
(assert_return (invoke "foo") (i32.const 40))
(module $ordinary
  (module $M (func (export "foo") (result i32) (i32.const 40)))
  (instance $i (instantiate $M))
  (export "i" (instance $i)))
(register "ordinary" $ordinary)
(module
  (import "ordinary" (instance $o (export "i" (instance (export "foo" (func (result i32)))))))
  (func (export "run") (result i32) (call (func $o "i" "foo"))))
(assert_return (invoke "run") (i32.const 40))

;; ---- Binary format considerations

(module $a (func (export "f") (result i32) (i32.const 1)))
(register "a" $a)
(module
  (import "a" (instance $a (export "f" (func (result i32)))))
  (module $M
    (import "g" (func $g (result i32)))
    (func (export "h") (result i32) (i32.add (i32.const 1) (call $g))))
  (instance $m1 (instantiate $M (import "g" (func $a "f"))))
  (instance $m2 (instantiate $M (import "g" (func $m1 "h"))))
  (func $x (export "x") (result i32) (call (func $m2 "h"))))
(assert_return (invoke "x") (i32.const 3))
