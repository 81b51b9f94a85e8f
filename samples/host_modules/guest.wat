(module
  ;; Written with `watloom stub samples/host_modules/hosts.py`.
  (import "geometry" "area" (func $area (param $points i32) (param $points_len i32) (result i32)))
  (import "geometry" "length" (func $length (param $xs i32) (param $xs_len i32) (result f64)))
  (import "geometry" "move" (func $move (param $points i32) (param $points_len i32) (param $by i32)))
  (import "geometry" "largest"
    (func $largest (param $shapes i32) (param $shapes_len i32) (param $out i32) (result i32 i32)))
  (import "counter" "next" (func $next (result i32)))

  (memory (export "memory") 1)
  (data (i32.const 0)  ;; a triangle: (0, 0) (4, 0) (4, 3)
    "\00\00\00\00\00\00\00\00"
    "\04\00\00\00\00\00\00\00"
    "\04\00\00\00\03\00\00\00")
  (data (i32.const 32)  ;; a square: (10, 0) (20, 0) (20, 10) (10, 10)
    "\0a\00\00\00\00\00\00\00"
    "\14\00\00\00\00\00\00\00"
    "\14\00\00\00\0a\00\00\00"
    "\0a\00\00\00\0a\00\00\00")
  (data (i32.const 64)  ;; a vector: 3.0 4.0
    "\00\00\40\40\00\00\80\40")
  (data (i32.const 72)  ;; where to move: (100, -1)
    "\64\00\00\00\ff\ff\ff\ff")
  (data (i32.const 80) "trianglesquare")
  (data (i32.const 96)  ;; two shapes: name, corners
    "\50\00\00\00\08\00\00\00"
    "\00\00\00\00\03\00\00\00"
    "\58\00\00\00\06\00\00\00"
    "\20\00\00\00\04\00\00\00")

  (func (export "triangle") (result i32) (call $area (i32.const 0) (i32.const 3)))
  (func (export "square") (result i32) (call $area (i32.const 32) (i32.const 4)))
  (func (export "length") (result f64) (call $length (i32.const 64) (i32.const 2)))
  (func (export "move") (call $move (i32.const 0) (i32.const 3) (i32.const 72)))
  (func (export "largest") (param $count i32) (result i32 i32)
    (call $largest (i32.const 96) (local.get $count) (i32.const 128)))
  (func (export "outside") (result i32) (call $area (i32.const 65528) (i32.const 3)))
  (func (export "next") (result i32) (call $next)))
