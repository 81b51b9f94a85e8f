;; What bulk memory instructions do, in loops: first the bounds are checked, as they do.
(module
  (memory $heap 0)
  (memory $user 0)

  ;; Traps where not so many bytes from $at on are in the memory.
  (func $bytes (param $at i32) (param $count i32)
    (if (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $at)) (i64.extend_i32_u (local.get $count)))
          (i64.shl (i64.extend_i32_u (memory.size $user)) (i64.const 16)))
      (then (unreachable))))

  (func $memory_fill (param $at i32) (param $value i32) (param $count i32)
    (local $many i64)
    (call $bytes (local.get $at) (local.get $count))
    (local.set $many
      (i64.mul
        (i64.extend_i32_u (i32.and (local.get $value) (i32.const 0xff)))
        (i64.const 0x0101_0101_0101_0101)))
    (block $done
      (loop $more
        (br_if $done (i32.lt_u (local.get $count) (i32.const 8)))
        (i64.store $user align=1 (local.get $at) (local.get $many))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 8)))
        (br $more)))
    (block $done
      (loop $more
        (br_if $done (i32.eqz (local.get $count)))
        (i32.store8 $user (local.get $at) (local.get $value))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $more))))

  (func $memory_copy (param $to i32) (param $from i32) (param $count i32)
    (call $bytes (local.get $to) (local.get $count))
    (call $bytes (local.get $from) (local.get $count))
    (if (i32.le_u (local.get $to) (local.get $from))
      (then
        ;; eight at once where that many lie between the two
        (if (i32.or
              (i32.ge_u (i32.sub (local.get $from) (local.get $to)) (i32.const 8))
              (i32.eq (local.get $from) (local.get $to)))
          (then
            (block $done
              (loop $more
                (br_if $done (i32.lt_u (local.get $count) (i32.const 8)))
                (i64.store $user align=1 (local.get $to)
                  (i64.load $user align=1 (local.get $from)))
                (local.set $to (i32.add (local.get $to) (i32.const 8)))
                (local.set $from (i32.add (local.get $from) (i32.const 8)))
                (local.set $count (i32.sub (local.get $count) (i32.const 8)))
                (br $more)))))
        (block $done
          (loop $more
            (br_if $done (i32.eqz (local.get $count)))
            (i32.store8 $user (local.get $to) (i32.load8_u $user (local.get $from)))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))
            (local.set $from (i32.add (local.get $from) (i32.const 1)))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (br $more))))
      (else
        (block $done
          (loop $more
            (br_if $done (i32.eqz (local.get $count)))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (i32.store8 $user
              (i32.add (local.get $to) (local.get $count))
              (i32.load8_u $user (i32.add (local.get $from) (local.get $count))))
            (br $more))))))

  ;; A data segment is eight bytes in the heap: how many it has, and where they are.
  (func $memory_init (param $to i32) (param $from i32) (param $count i32) (param $segment i32)
    (call $bytes (local.get $to) (local.get $count))
    (if (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $from)) (i64.extend_i32_u (local.get $count)))
          (i64.extend_i32_u (i32.load $heap (local.get $segment))))
      (then (unreachable)))
    (local.set $from (i32.add (local.get $from) (i32.load $heap offset=4 (local.get $segment))))
    (block $done
      (loop $more
        (br_if $done (i32.eqz (local.get $count)))
        (i32.store8 $user (local.get $to) (i32.load8_u $heap (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $more))))

  (func $data_drop (param $segment i32)
    (i32.store $heap (local.get $segment) (i32.const 0))))
