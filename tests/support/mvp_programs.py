"""Programs with references, and what they log: all of it can be lowered to the first release.

Each exports `run`, without results, and logs with a host function, number by number.
"""

from __future__ import annotations

__all__ = ["PROGRAMS", "TRAPS"]

LOG = '(import "host" "log" (func $log (param i32)))'

PROGRAMS: dict[str, tuple[str, list[int]]] = {
    "counters: closures over a struct that changes": (
        """
        (type $cell (struct (field $n (mut i32))))
        (type $step (func (param (ref $cell) i32) (result i32)))
        (type $by (func (param i32) (result i32)))
        (type $next (func (result i32)))
        (elem declare func $step)
        (func $step (type $step)
          (struct.set $cell $n (local.get 0)
            (i32.add (struct.get $cell $n (local.get 0)) (local.get 1)))
          (struct.get $cell $n (local.get 0)))
        (func $counter (param i32) (result (ref $by))
          (func.bind $by (struct.new $cell (local.get 0)) (ref.func $step)))
        (func (export "run") (local $a (ref $by)) (local $b (ref $by)) (local $c (ref $next))
          (local.set $a (call $counter (i32.const 10)))
          (local.set $b (call $counter (i32.const 100)))
          (local.set $c (func.bind $next (i32.const 5) (local.get $a)))
          (call $log (call_ref $by (i32.const 1) (local.get $a)))
          (call $log (call_ref $by (i32.const 1) (local.get $b)))
          (call $log (call_ref $next (local.get $c)))
          (call $log (call_ref $next (local.get $c)))
          (call $log (call_ref $by (i32.const 0) (local.get $a))))""",
        [11, 101, 16, 21, 21],
    ),
    "closures over closures, of all number types": (
        """
        (type $op (func (param i64 f64 f32 i32) (result f64)))
        (type $op1 (func (param f64 f32 i32) (result f64)))
        (type $op2 (func (param f32 i32) (result f64)))
        (type $op4 (func (result f64)))
        (type $twice (func (param (ref $op2) i32) (result f64)))
        (type $twice1 (func (param i32) (result f64)))
        (elem declare func $op $twice)
        (func $op (type $op)
          (f64.add (f64.convert_i64_s (local.get 0))
            (f64.mul (local.get 1)
              (f64.add (f64.promote_f32 (local.get 2)) (f64.convert_i32_s (local.get 3))))))
        (func $twice (type $twice)
          (f64.add
            (call_ref $op2 (f32.const 1) (local.get 1) (local.get 0))
            (call_ref $op2 (f32.const 2) (local.get 1) (local.get 0))))
        (func (export "run") (local $f (ref null $op2)) (local $g (ref null $op4))
          (local.set $f
            (func.bind $op2 (f64.const 0.5)
              (func.bind $op1 (i64.const -1) (ref.func $op))))
          (local.set $g
            (func.bind $op4 (i32.const 8)
              (func.bind $twice1 (ref.as_non_null (local.get $f)) (ref.func $twice))))
          (call $log (i32.trunc_f64_s (call_ref $op2 (f32.const 3) (i32.const 7) (local.get $f))))
          (call $log (i32.trunc_f64_s (f64.mul (f64.const 10) (call_ref $op4 (local.get $g))))))""",
        [4, 75],
    ),
    "fields of all kinds, with and without mut": (
        """
        (type $all (struct
          (field i8) (field $b (mut i16)) (field i64) (field $d (mut i8)) (field f32) (field f64)
          (field $g (mut (ref null $all))) (field i32)))
        (func (export "run") (local $s (ref null $all)) (local $t (ref null $all))
          (local.set $s
            (struct.new $all (i32.const -1) (i32.const 0x18000) (i64.const -2) (i32.const 300)
              (f32.const 1.5) (f64.const 2.5) (ref.null none) (i32.const 7)))
          (local.set $t (struct.new_default $all))
          (struct.set $all $g (local.get $s) (local.get $t))
          (struct.set $all $b (local.get $t) (i32.const 0x12345))
          (call $log (struct.get_s $all 0 (local.get $s)))
          (call $log (struct.get_u $all 0 (local.get $s)))
          (call $log (struct.get_s $all $b (local.get $s)))
          (call $log (struct.get_u $all $b (local.get $s)))
          (call $log (i32.wrap_i64 (struct.get $all 2 (local.get $s))))
          (call $log (struct.get_u $all $d (local.get $s)))
          (call $log (i32.trunc_f32_s (f32.mul (f32.const 2) (struct.get $all 4 (local.get $s)))))
          (call $log (i32.trunc_f64_s (f64.mul (f64.const 2) (struct.get $all 5 (local.get $s)))))
          (call $log (struct.get $all 7 (local.get $s)))
          (call $log (ref.is_null (struct.get $all $g (local.get $s))))
          (call $log (ref.is_null (struct.get $all $g (struct.get $all $g (local.get $s)))))
          (call $log (ref.eq (local.get $t) (struct.get $all $g (local.get $s))))
          (call $log (struct.get_u $all $b (struct.get $all $g (local.get $s)))))""",
        [-1, 255, -32768, 32768, -2, 44, 3, 5, 7, 0, 1, 1, 0x2345],
    ),
    "recursive types: a list, and functions that take themselves": (
        """
        (rec (type $list (struct (field $head i32) (field $tail (ref null $list)))))
        (rec (type $self (func (param (ref $self) i32) (result i32))))
        (elem declare func $factorial)
        (func $factorial (type $self)
          (if (result i32) (i32.eqz (local.get 1))
            (then (i32.const 1))
            (else
              (i32.mul (local.get 1)
                (call_ref $self (local.get 0) (i32.sub (local.get 1) (i32.const 1))
                  (local.get 0))))))
        (func $upto (param i32) (result (ref null $list)) (local $l (ref null $list))
          (loop $more
            (if (local.get 0)
              (then
                (local.set $l (struct.new $list (local.get 0) (local.get $l)))
                (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                (br $more))))
          (local.get $l))
        (func $alloc (param $l (ref null $list)) (result i32) (local $n i32)
          (block $done
            (loop $more
              (local.set $n
                (i32.add (local.get $n)
                  (struct.get $list $head (br_on_null $done (local.get $l)))))
              (local.set $l (struct.get $list $tail (local.get $l)))
              (br $more)))
          (local.get $n))
        (func (export "run")
          (call $log (call $alloc (call $upto (i32.const 1000))))
          (call $log (call $alloc (ref.null $list)))
          (call $log (call_ref $self (ref.func $factorial) (i32.const 6) (ref.func $factorial))))
        """,
        [500500, 0, 720],
    ),
    "casts: supertypes, hierarchies, i31, null": (
        """
        (type $a (sub (struct (field i32))))
        (type $b (sub $a (struct (field i32) (field i64))))
        (type $c (sub final $b (struct (field i32) (field i64) (field anyref))))
        (type $d (sub $a (struct (field i32) (field f32))))
        (type $words (array i16))
        (func $kind (param $r anyref) (result i32)
          (block $i31 (result (ref i31))
            (block $array (result (ref array))
              (block $c (result (ref $c))
                (block $b (result (ref $b))
                  (block $a (result (ref $a))
                    (br_on_cast $c anyref (ref $c) (local.get $r))
                    (br_on_cast $b anyref (ref $b))
                    (br_on_cast $a anyref (ref $a))
                    (br_on_cast $array anyref (ref array))
                    (br_on_cast $i31 anyref (ref i31))
                    (return (i32.sub (ref.is_null) (i32.const 1))))
                  (return (struct.get $a 0)))
                (return (i32.add (struct.get $b 0) (i32.const 10))))
              (return (i32.add (struct.get $c 0) (i32.const 20))))
            (return (i32.add (array.len) (i32.const 30))))
          (i32.add (i31.get_s) (i32.const 40)))
        (func (export "run") (local $c (ref null $c))
          (local.set $c (struct.new $c (i32.const 3) (i64.const 4) (ref.i31 (i32.const -2))))
          (call $log (call $kind (struct.new $a (i32.const 1))))
          (call $log (call $kind (struct.new $b (i32.const 2) (i64.const 0))))
          (call $log (call $kind (local.get $c)))
          (call $log (call $kind (struct.new $d (i32.const 4) (f32.const 0))))
          (call $log (call $kind (array.new $words (i32.const 0) (i32.const 5))))
          (call $log (call $kind (struct.get $c 2 (local.get $c))))
          (call $log (call $kind (ref.null none)))
          (call $log (ref.test (ref $d) (struct.new $b (i32.const 2) (i64.const 0))))
          (call $log (ref.test (ref null $d) (ref.null $b)))
          (call $log (ref.test structref (struct.get $c 2 (local.get $c))))
          (call $log (ref.test eqref (struct.get $c 2 (local.get $c))))
          (call $log (i31.get_u (ref.cast (ref i31) (struct.get $c 2 (local.get $c)))))
          (call $log (ref.is_null (ref.cast nullref (ref.null $a))))
          (call $log (call $kind (any.convert_extern (extern.convert_any (local.get $c)))))
          (drop
            (block $not (result anyref)
              (drop (br_on_cast_fail $not anyref (ref $d) (ref.i31 (i32.const 1))))
              (call $log (i32.const -1))
              (ref.null any)))
          (drop
            (block $some (result (ref eq))
              (br_on_non_null $some (struct.new $a (i32.const 1)))
              (call $log (i32.const -1))
              (ref.i31 (i32.const 1)))))""",
        [1, 12, 23, 4, 35, 38, 0, 0, 1, 0, 1, 0x7FFFFFFE, 1, 23],
    ),
    "arrays": (
        """
        (type $bytes (array (mut i8)))
        (type $longs (array (mut i64)))
        (type $f (func (result i32)))
        (type $funcs (array (mut (ref null $f))))
        (data $hello "hello, world")
        (elem $both (ref null $f) (ref.func $one) (ref.null $f) (ref.func $two))
        (func $one (result i32) (i32.const 1))
        (func $two (result i32) (i32.const 2))
        (func $show (param $b (ref $bytes)) (local $i i32)
          (loop $more
            (call $log (array.get_u $bytes (local.get $b) (local.get $i)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $i) (array.len (local.get $b))))))
        (func (export "run")
          (local $b (ref $bytes)) (local $l (ref $longs)) (local $f (ref $funcs))
          (local.set $b (array.new_data $bytes $hello (i32.const 7) (i32.const 3)))
          (call $show (local.get $b))
          (array.set $bytes (local.get $b) (i32.const 1) (i32.const 0x1ff))
          (call $log (array.get_s $bytes (local.get $b) (i32.const 1)))
          (local.set $b (array.new_fixed $bytes 4 (i32.const 1) (i32.const 2) (i32.const 3)
            (i32.const 4)))
          (array.copy $bytes $bytes
            (local.get $b) (i32.const 1) (local.get $b) (i32.const 0) (i32.const 3))
          (call $show (local.get $b))
          (array.fill $bytes (local.get $b) (i32.const 0) (i32.const 9) (i32.const 2))
          (array.init_data $bytes $hello
            (local.get $b) (i32.const 3) (i32.const 11) (i32.const 1))
          (call $show (local.get $b))
          (local.set $l (array.new $longs (i64.const 7) (i32.const 3)))
          (array.set $longs (local.get $l) (i32.const 2) (i64.const -1))
          (call $log (i32.wrap_i64 (i64.add
            (array.get $longs (local.get $l) (i32.const 1))
            (array.get $longs (local.get $l) (i32.const 2)))))
          (local.set $f (array.new_default $funcs (i32.const 3)))
          (call $log (ref.is_null (array.get $funcs (local.get $f) (i32.const 2))))
          (array.init_elem $funcs $both
            (local.get $f) (i32.const 1) (i32.const 1) (i32.const 2))
          (call $log (call_ref $f (array.get $funcs (local.get $f) (i32.const 2))))
          (local.set $f (array.new_elem $funcs $both (i32.const 0) (i32.const 2)))
          (call $log (call_ref $f (array.get $funcs (local.get $f) (i32.const 0))))
          (call $log (ref.is_null (array.get $funcs (local.get $f) (i32.const 1)))))""",
        [*b"wor", -1, 1, 1, 2, 3, 9, 9, 2, ord("d"), 6, 1, 2, 1, 1],
    ),
    "tables that change": (
        """
        (type $f (func (result i32)))
        (table $t 3 5 funcref)
        (table $u 2 (ref null $f) (ref.func $two))
        (table $v (ref null $pair) (elem (item (global.get $made)) (item (ref.null $pair))))
        (type $pair (struct (field i32)))
        (global $base i32 (i32.add (i32.const 40) (i32.const 1)))
        (global $made (ref $pair) (struct.new $pair (global.get $base)))
        (elem (table $t) (i32.const 1) func $one)
        (elem $later func $two $one)
        (func $one (result i32) (i32.const 1))
        (func $two (result i32) (i32.const 2))
        (func (export "run")
          (call $log (ref.is_null (table.get $t (i32.const 0))))
          (call $log (call_indirect $t (type $f) (i32.const 1)))
          (call $log (call_indirect $u (type $f) (i32.const 1)))
          (table.set $t (i32.const 0) (table.get $u (i32.const 0)))
          (call $log (call_indirect $t (type $f) (i32.const 0)))
          (table.init $t $later (i32.const 1) (i32.const 0) (i32.const 2))
          (call $log (call_indirect $t (type $f) (i32.const 1)))
          (call $log (call_indirect $t (type $f) (i32.const 2)))
          (elem.drop $later)
          (call $log (table.grow $t (ref.func $one) (i32.const 1)))
          (call $log (table.grow $t (ref.null func) (i32.const 2)))
          (call $log (table.grow $t (ref.null func) (i32.const 1)))
          (call $log (table.size $t))
          (call $log (call_indirect $t (type $f) (i32.const 3)))
          (table.copy $t $u (i32.const 2) (i32.const 0) (i32.const 2))
          (call $log (call_indirect $t (type $f) (i32.const 3)))
          (table.copy $t $t (i32.const 2) (i32.const 1) (i32.const 2))
          (table.fill $t (i32.const 0) (ref.func $one) (i32.const 2))
          (call $log (call_indirect $t (type $f) (i32.const 1)))
          (call $log (call_indirect $t (type $f) (i32.const 2)))
          (call $log (struct.get $pair 0 (table.get $v (i32.const 0))))
          (call $log (ref.is_null (table.get $v (i32.const 1))))
          (call $log (table.size $v)))""",
        [1, 1, 2, 2, 2, 1, 3, -1, 4, 5, 1, 2, 1, 2, 41, 1, 2],
    ),
    "several results, and blocks that take and give several": (
        """
        (type $div (func (param i32 i32) (result i32 i64 f32)))
        (elem declare func $div)
        (func $div (type $div)
          (i32.div_u (local.get 0) (local.get 1))
          (i64.extend_i32_u (i32.rem_u (local.get 0) (local.get 1)))
          (f32.const 2.5)
          (br_if 0 (i32.eqz (i32.const 1)))
          (return))
        (func $swap (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
        (func $gcd (param i32 i32) (result i32)
          (local.get 0) (local.get 1)
          (loop $more (param i32 i32) (result i32)
            (local.set 1) (local.set 0)
            (if (param) (result i32) (local.get 1)
              (then
                (local.get 1)
                (i32.rem_u (local.get 0) (local.get 1))
                (br $more))
              (else (local.get 0)))))
        (func $which (param i32) (result i32)
          (block $b (result i32 i32)
            (block $a (result i32 i32)
              (br_table $a $b $a (i32.const 100) (i32.const 7) (local.get 0)))
            (i32.add) (i32.const 1000))
          (i32.add))
        (func $choose (param i32) (result i32 i32)
          (i32.const 1) (i32.const 2)
          (if (param i32 i32) (result i32 i32) (local.get 0)
            (then (call $swap)))
          (br_if 0 (local.get 0))
          (i32.const 5) (i32.add))
        (func (export "run")
          (call_ref $div (i32.const 17) (i32.const 5) (ref.func $div))
          (call $log (i32.trunc_f32_s)) (call $log (i32.wrap_i64)) (call $log)
          (call $log (call $gcd (i32.const 84) (i32.const 36)))
          (call $swap (i32.const 1) (i32.const 2)) (call $log) (call $log)
          (call $log (call $which (i32.const 0)))
          (call $log (call $which (i32.const 1)))
          (call $log (call $which (i32.const 2)))
          (call $choose (i32.const 0)) (call $log) (call $log)
          (call $choose (i32.const 1)) (call $log) (call $log))""",
        [2, 2, 3, 12, 1, 2, 1107, 107, 1107, 7, 1, 1, 2],
    ),
    "numbers and memory that came later": (
        """
        (memory 1)
        (data $text "abcdef")
        (data (i32.const 16) "0123456789")
        (func $show (param i32) (param i32)
          (loop $more
            (call $log (i32.load8_u (local.get 0)))
            (local.set 0 (i32.add (local.get 0) (i32.const 1)))
            (br_if $more (local.tee 1 (i32.sub (local.get 1) (i32.const 1))))))
        (func (export "run")
          (call $log (i32.extend8_s (i32.const 0x80)))
          (call $log (i32.extend16_s (i32.const 0x18001)))
          (call $log (i32.wrap_i64
            (i64.shr_s (i64.extend32_s (i64.const 0x80000000)) (i64.const 31))))
          (call $log (i32.trunc_sat_f64_s (f64.const 1e10)))
          (call $log (i32.trunc_sat_f32_u (f32.const -5)))
          (call $log (i32.trunc_sat_f64_u (f64.const nan)))
          (call $log (i32.wrap_i64 (i64.trunc_sat_f32_s (f32.const -inf))))
          (memory.init $text (i32.const 0) (i32.const 1) (i32.const 4))
          (data.drop $text)
          (call $show (i32.const 0) (i32.const 5))
          (memory.copy (i32.const 17) (i32.const 16) (i32.const 9))
          (call $show (i32.const 16) (i32.const 10))
          (memory.copy (i32.const 16) (i32.const 18) (i32.const 8))
          (call $show (i32.const 16) (i32.const 10))
          (memory.fill (i32.const 17) (i32.const 0x141) (i32.const 3))
          (call $show (i32.const 16) (i32.const 5))
          (call $log (memory.size))
          (call $log (memory.grow (i32.const 2)))
          (call $log (memory.size))
          (call $log (memory.grow (i32.const 65536)))
          (i32.store offset=65530 (i32.const 131068) (i32.const 77))
          (call $log (i32.load (i32.const 196598))))""",
        [
            -128,
            -32767,
            -1,
            0x7FFFFFFF,
            0,
            0,
            0,
            *b"bcde\0",
            *b"0012345678",
            *b"1234567878"[:0],
            *b"1234567878",
            *b"1AAA5",
            1,
            1,
            3,
            -1,
            77,
        ],
    ),
    "structs of functions by the polyfill": (
        """
        (import "struct" "get" (func $get (param anyref i32) (result funcref)))
        (import "struct" "set" (func $set (param anyref i32 funcref)))
        (import "struct" "create" (func $create (param i32) (result anyref)))
        (type $f (func (result i32)))
        (elem declare func $seven)
        (func $seven (result i32) (i32.const 7))
        (func (export "run") (local $s anyref)
          (local.set $s (call $create (i32.const 3)))
          (call $set (local.get $s) (i32.const 1) (ref.func $seven))
          (call $log
            (call_ref $f (ref.cast (ref $f) (call $get (local.get $s) (i32.const 1)))))
          (call $log (ref.is_null (call $get (local.get $s) (i32.const 2)))))""",
        [7, 1],
    ),
    "what begins before anything else": (
        """
        (import "host" "base" (global $base i32))
        (type $node (struct (field i32) (field (ref null $node))))
        (global $next i32 (i32.add (global.get $base) (i32.const 1)))
        (global $list (mut (ref null $node))
          (struct.new $node (global.get $next)
            (struct.new $node (i32.const 2) (ref.null $node))))
        (memory 1)
        (data (global.get $base) "x")
        (data (i32.add (global.get $base) (i32.const 1)) "y")
        (table $t 4 funcref)
        (elem (offset (i32.sub (global.get $base) (i32.const 3))) func $f)
        (func $f (call $log (i32.const 6)))
        (func $start (call $log (struct.get $node 0 (global.get $list))))
        (start $start)
        (func (export "run")
          (call $log (struct.get $node 0 (struct.get $node 1 (global.get $list))))
          (call $log (i32.load16_u (i32.const 5)))
          (call_indirect $t (i32.const 2)))""",
        [6, 2, 0x7978, 6],
    ),
}

#: Exports that trap, each for another reason.
TRAPS = """
  (type $f (func (param i32) (result i32)))
  (type $g (func (param i64) (result i32)))
  (type $h (sub (func (param i32) (result i32))))
  (type $s (struct (field i64) (field (mut i8))))
  (type $other (struct (field i64)))
  (type $a (array (mut i32)))
  (type $none (func (result i32)))
  (memory 1 2)
  (data $d "abc")
  (table $t 3 funcref)
  (elem (i32.const 0) $f $h)
  (elem $e func $f)
  (func $f (type $f) (local.get 0))
  (func $h (type $h) (local.get 0))
  (func (export "null_call") (result i32) (call_ref $f (i32.const 1) (ref.null $f)))
  (func (export "null_bind") (result i32)
    (call_ref $none (func.bind $none (i32.const 1) (ref.null $f))))
  (func (export "null_get") (result i64) (struct.get $s 0 (ref.null $s)))
  (func (export "null_get_u") (result i32) (struct.get_u $s 1 (ref.null $s)))
  (func (export "null_set") (struct.set $s 1 (ref.null $s) (i32.const 1)))
  (func (export "null_length") (result i32) (array.len (ref.null $a)))
  (func (export "null_element") (result i32) (array.get $a (ref.null $a) (i32.const 0)))
  (func (export "null_i31") (result i32) (i31.get_s (ref.null i31)))
  (func (export "not_null") (drop (ref.as_non_null (ref.null any))))
  (func (export "element") (result i32)
    (array.get $a (array.new $a (i32.const 0) (i32.const 2)) (i32.const 2)))
  (func (export "elements")
    (array.fill $a (array.new_default $a (i32.const 2)) (i32.const 1) (i32.const 0) (i32.const 2)))
  (func (export "large") (drop (array.new_default $a (i32.const 0x4000_0000))))
  (func (export "cast") (result i64)
    (struct.get $other 0
      (ref.cast (ref $other) (struct.new $s (i64.const 1) (i32.const 1)))))
  (func (export "indirect_type") (result i32)
    (call_indirect (type $g) (i64.const 1) (i32.const 0)))
  (func (export "indirect_name") (result i32)
    (call_indirect (type $f) (i32.const 1) (i32.const 1)))
  (func (export "indirect_null") (result i32)
    (call_indirect (type $f) (i32.const 1) (i32.const 2)))
  (func (export "indirect_index") (result i32)
    (call_indirect (type $f) (i32.const 1) (i32.const 3)))
  (func (export "table_get") (drop (table.get $t (i32.const -1))))
  (func (export "table_set") (table.set $t (i32.const 3) (ref.null func)))
  (func (export "table_fill") (table.fill $t (i32.const 2) (ref.null func) (i32.const 2)))
  (func (export "table_copy") (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 3)))
  (func (export "table_init") (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 2)))
  (func (export "dropped")
    (elem.drop $e) (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1)))
  (func (export "load") (result i32) (i32.load offset=65533 (i32.const 0)))
  (func (export "load_below") (result i32) (i32.load (i32.const -4)))
  (func (export "load_far") (result i32) (i32.load offset=0xffff_ffff (i32.const 0)))
  (func (export "store") (i64.store (i32.const 65529) (i64.const 0)))
  (func (export "copy") (memory.copy (i32.const 65530) (i32.const 0) (i32.const 7)))
  (func (export "fill") (memory.fill (i32.const -1) (i32.const 0) (i32.const 2)))
  (func (export "init") (memory.init $d (i32.const 0) (i32.const 2) (i32.const 2)))
"""
