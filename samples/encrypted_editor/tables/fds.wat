;; How fds are made where there are no references: four bound functions in a struct of four fields.
;; A provider's functions stand in the tables of `bind_open`, `bind_table` and `bind_close`, at the
;; same place in each of the three for those of one kind of fd.
(module $fds
  (import "struct_table" "create" (func $create (param i32) (result i32)))
  (import "struct_table" "get" (func $get (param i32 i32) (result i32)))
  (import "struct_table" "set" (func $set (param i32 i32 i32)))
  (import "struct_table" "free" (func $free (param i32)))
  (import "bind_open" "bind" (func $bind_open (param i32 i32) (result i32)))
  (import "bind_open" "free" (func $free_open (param i32)))
  (import "bind_table" "bind" (func $bind_io (param i32 i32) (result i32)))
  (import "bind_table" "free" (func $free_io (param i32)))
  (import "bind_close" "bind" (func $bind_close (param i32 i32) (result i32)))
  (import "bind_close" "free" (func $free_close (param i32)))

  ;; An fd of the functions at $open, $read, $write and $close, each bound to $self.
  (func (export "make")
    (param $self i32)
    (param $open i32) (param $read i32) (param $write i32) (param $close i32)
    (result i32)
    (local $fd i32)
    (local.set $fd (call $create (i32.const 4)))
    (call $set (local.get $fd) (i32.const 0)
      (call $bind_open (local.get $open) (local.get $self)))
    (call $set (local.get $fd) (i32.const 1)
      (call $bind_io (local.get $read) (local.get $self)))
    (call $set (local.get $fd) (i32.const 2)
      (call $bind_io (local.get $write) (local.get $self)))
    (call $set (local.get $fd) (i32.const 3)
      (call $bind_close (local.get $close) (local.get $self)))
    (local.get $fd))

  ;; What it was made of can be used again; the fd, and copies of its fields, are stale from now on.
  (func (export "end") (param $fd i32)
    (call $free_open (call $get (local.get $fd) (i32.const 0)))
    (call $free_io (call $get (local.get $fd) (i32.const 1)))
    (call $free_io (call $get (local.get $fd) (i32.const 2)))
    (call $free_close (call $get (local.get $fd) (i32.const 3)))
    (call $free (local.get $fd))))
