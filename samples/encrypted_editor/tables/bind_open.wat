;; Functions with bound values, without references: for modules of WebAssembly 1.0, which this is
;; written in, too. stdlib/bind_table.py writes it, for this signature and others.
;;
;;   of   (func (param i32 i32 i32 i32 i32) (result i32))
;;   to   (func (param i32 i32 i32 i32) (result i32))
;;
;;   table                    where functions are; those to be bound are put there from 64 on
;;   bind (param i32) behind the function's index: binds; gives a handle
;;   call                     calls what a handle stands for: handle, the other arguments
;;   index                    where what a handle stands for is in the table, for call_indirect
;;   free                     ends it; its handle is stale from then on
;;
;; A handle is a generation, 20 bits, and below it the number of a trampoline, 12 bits. It traps
;; where it was freed, and where there is none of that number; bind traps where all 64 of them
;; are taken. Generations begin at 1: 0 is no handle. After the last a trampoline rests for good.
;;
;; Whoever guesses a handle can call it; the first that is made is 4096. An index in the table has
;; no generation: kept for longer than its handle it can lead to another bound function. Ask for it
;; each time, or use call. The index that is bound is looked at when it is called, not before.
(module $bind_table
  (type $target (func (param i32 i32 i32 i32 i32) (result i32)))
  (type $bound (func (param i32 i32 i32 i32) (result i32)))
  (table (export "table") 320 funcref)
  (elem (i32.const 0)
    $t0 $t1 $t2 $t3 $t4 $t5 $t6 $t7 $t8 $t9 $t10 $t11 $t12 $t13 $t14 $t15 $t16 $t17 $t18 $t19
    $t20 $t21 $t22 $t23 $t24 $t25 $t26 $t27 $t28 $t29 $t30 $t31 $t32 $t33 $t34 $t35 $t36 $t37
    $t38 $t39 $t40 $t41 $t42 $t43 $t44 $t45 $t46 $t47 $t48 $t49 $t50 $t51 $t52 $t53 $t54 $t55
    $t56 $t57 $t58 $t59 $t60 $t61 $t62 $t63)

  ;; For each trampoline 24 bytes: its generation, and 1 << 31 while it is taken; the index of
  ;; its function; the next free one, plus 1; its values from 16 on.
  (memory 1)
  (global $used (mut i32) (i32.const 0))
  (global $free (mut i32) (i32.const 0))

  (func (export "bind") (param $function i32) (param i32) (result i32)
    (local $slot i32) (local $place i32)
    (if (global.get $free)
      (then
        (local.set $slot (i32.sub (global.get $free) (i32.const 1)))
        (global.set $free
          (i32.load offset=8 (i32.mul (local.get $slot) (i32.const 24)))))
      (else
        (local.set $slot (global.get $used))
        (if (i32.eq (local.get $slot) (i32.const 64)) (then (unreachable)))
        (global.set $used (i32.add (local.get $slot) (i32.const 1)))))
    (local.set $place (i32.mul (local.get $slot) (i32.const 24)))
    (i32.store (local.get $place)
      (i32.or
        (i32.add (i32.load (local.get $place)) (i32.const 1))
        (i32.const 0x8000_0000)))
    (i32.store offset=4 (local.get $place) (local.get $function))
    (i32.store offset=16 (local.get $place) (local.get 1))
    (i32.or
      (i32.shl (i32.load (local.get $place)) (i32.const 12))
      (local.get $slot)))

  (func (export "call") (param i32 i32 i32 i32 i32) (result i32)
    (call $run (local.get 1) (local.get 2) (local.get 3) (local.get 4) (call $slot (local.get 0))))

  (func (export "index") (param $handle i32) (result i32)
    (call $slot (local.get $handle)))

  (func (export "free") (param $handle i32)
    (local $slot i32) (local $place i32)
    (local.set $slot (call $slot (local.get $handle)))
    (local.set $place (i32.mul (local.get $slot) (i32.const 24)))
    (i32.store (local.get $place) (i32.shr_u (local.get $handle) (i32.const 12)))
    (if (i32.lt_u (local.get $handle) (i32.const 0xffff_f000))
      (then
        (i32.store offset=8 (local.get $place) (global.get $free))
        (global.set $free (i32.add (local.get $slot) (i32.const 1))))))

  ;; The trampoline of a handle; traps where it is not, or no longer, one's.
  (func $slot (param $handle i32) (result i32)
    (local $slot i32)
    (local.set $slot (i32.and (local.get $handle) (i32.const 0xfff)))
    (if (i32.ge_u (local.get $slot) (i32.const 64)) (then (unreachable)))
    (if (i32.ne
          (i32.load (i32.mul (local.get $slot) (i32.const 24)))
          (i32.or (i32.shr_u (local.get $handle) (i32.const 12)) (i32.const 0x8000_0000)))
      (then (unreachable)))
    (local.get $slot))

  ;; What all trampolines do; one that binds nothing traps.
  (func $run (param i32 i32 i32 i32 i32) (result i32)
    (local $place i32)
    (local.set $place (i32.mul (local.get 4) (i32.const 24)))
    (if (i32.ge_s (i32.load (local.get $place)) (i32.const 0)) (then (unreachable)))
    (call_indirect (type $target)
      (i32.load offset=16 (local.get $place))
      (local.get 0) (local.get 1) (local.get 2) (local.get 3)
      (i32.load offset=4 (local.get $place))))

  (func $t0 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0)))
  (func $t1 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 1)))
  (func $t2 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 2)))
  (func $t3 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 3)))
  (func $t4 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 4)))
  (func $t5 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 5)))
  (func $t6 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 6)))
  (func $t7 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 7)))
  (func $t8 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 8)))
  (func $t9 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 9)))
  (func $t10 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 10)))
  (func $t11 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 11)))
  (func $t12 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 12)))
  (func $t13 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 13)))
  (func $t14 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 14)))
  (func $t15 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 15)))
  (func $t16 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 16)))
  (func $t17 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 17)))
  (func $t18 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 18)))
  (func $t19 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 19)))
  (func $t20 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 20)))
  (func $t21 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 21)))
  (func $t22 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 22)))
  (func $t23 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 23)))
  (func $t24 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 24)))
  (func $t25 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 25)))
  (func $t26 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 26)))
  (func $t27 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 27)))
  (func $t28 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 28)))
  (func $t29 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 29)))
  (func $t30 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 30)))
  (func $t31 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 31)))
  (func $t32 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 32)))
  (func $t33 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 33)))
  (func $t34 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 34)))
  (func $t35 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 35)))
  (func $t36 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 36)))
  (func $t37 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 37)))
  (func $t38 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 38)))
  (func $t39 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 39)))
  (func $t40 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 40)))
  (func $t41 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 41)))
  (func $t42 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 42)))
  (func $t43 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 43)))
  (func $t44 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 44)))
  (func $t45 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 45)))
  (func $t46 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 46)))
  (func $t47 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 47)))
  (func $t48 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 48)))
  (func $t49 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 49)))
  (func $t50 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 50)))
  (func $t51 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 51)))
  (func $t52 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 52)))
  (func $t53 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 53)))
  (func $t54 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 54)))
  (func $t55 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 55)))
  (func $t56 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 56)))
  (func $t57 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 57)))
  (func $t58 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 58)))
  (func $t59 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 59)))
  (func $t60 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 60)))
  (func $t61 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 61)))
  (func $t62 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 62)))
  (func $t63 (type $bound) (call $run (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 63))))
