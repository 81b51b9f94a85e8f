(module
  (type (func (param i32)))
  (type (func (param i32 i32) (result i32)))
  (type (func (param i32) (result i32)))
  (type (func (result i32)))
  (type (func))
  (import "host" "log" (func $log (type 0)))
  (func $step (type 1) (param i32 i32) (result i32)
    local.get 0
    local.get 0
    i32.load offset=4
    local.get 1
    i32.add
    i32.store offset=4
    local.get 0
    i32.load offset=4)
  (func $counter (type 2) (param i32) (result i32)
    local.get 0
    call $new_6
    i32.const 8
    call $bind_1_2)
  (func $run (type 4)
    (local $a i32)
    (local $b i32)
    (local $c i32)
    i32.const 10
    call $counter
    local.set $a
    i32.const 100
    call $counter
    local.set $b
    i32.const 5
    local.get $a
    call $bind_2_4
    local.set $c
    i32.const 1
    local.get $a
    global.set $env
    global.get $env
    i32.load offset=4
    call_indirect (type 2) (param i32) (result i32)
    call $log
    i32.const 1
    local.get $b
    global.set $env
    global.get $env
    i32.load offset=4
    call_indirect (type 2) (param i32) (result i32)
    call $log
    local.get $c
    global.set $env
    global.get $env
    i32.load offset=4
    call_indirect (type 3) (result i32)
    call $log
    local.get $c
    global.set $env
    global.get $env
    i32.load offset=4
    call_indirect (type 3) (result i32)
    call $log
    i32.const 0
    local.get $a
    global.set $env
    global.get $env
    i32.load offset=4
    call_indirect (type 2) (param i32) (result i32)
    call $log)
  (func $alloc (type 2) (param i32) (result i32)
    (local i32)
    (local i32)
    global.get $top
    local.set 1
    local.get 0
    i32.const 7
    i32.add
    i32.const -8
    i32.and
    local.set 0
    local.get 1
    local.get 0
    i32.add
    global.set $top
    global.get $top
    local.get 1
    i32.lt_u
    if
      unreachable
    end
    global.get $top
    i32.const 1
    i32.sub
    i32.const 16
    i32.shr_u
    i32.const 1
    i32.add
    memory.size
    i32.sub
    local.set 2
    local.get 2
    i32.const 0
    i32.gt_s
    if
      local.get 2
      i32.const 16
      i32.add
      memory.grow
      i32.const -1
      i32.eq
      if
        local.get 2
        memory.grow
        i32.const -1
        i32.eq
        if
          unreachable
        end
      end
    end
    local.get 1)
  (func $new_6 (type 2) (param i32) (result i32)
    (local i32)
    i32.const 8
    call $alloc
    local.set 1
    local.get 1
    i32.const 6
    i32.store
    local.get 1
    local.get 0
    i32.store offset=4
    local.get 1)
  (func $bound_1_2 (type 2) (param i32) (result i32)
    (local i32)
    global.get $env
    local.set 1
    local.get 1
    i32.load offset=12
    local.get 0
    local.get 1
    i32.load offset=8
    global.set $env
    global.get $env
    i32.load offset=4
    call_indirect (type 1) (param i32 i32) (result i32))
  (func $bind_1_2 (type 1) (param i32 i32) (result i32)
    (local i32)
    local.get 1
    i32.load
    drop
    i32.const 16
    call $alloc
    local.set 2
    local.get 2
    i32.const 2
    i32.store
    local.get 2
    i32.const 1
    i32.store offset=4
    local.get 2
    local.get 1
    i32.store offset=8
    local.get 2
    local.get 0
    i32.store offset=12
    local.get 2)
  (func $bound_2_4 (type 3) (result i32)
    (local i32)
    global.get $env
    local.set 0
    local.get 0
    i32.load offset=12
    local.get 0
    i32.load offset=8
    global.set $env
    global.get $env
    i32.load offset=4
    call_indirect (type 2) (param i32) (result i32))
  (func $bind_2_4 (type 1) (param i32 i32) (result i32)
    (local i32)
    local.get 1
    i32.load
    drop
    i32.const 16
    call $alloc
    local.set 2
    local.get 2
    i32.const 4
    i32.store
    local.get 2
    i32.const 2
    i32.store offset=4
    local.get 2
    local.get 1
    i32.store offset=8
    local.get 2
    local.get 0
    i32.store offset=12
    local.get 2)
  (table 3 3 funcref)
  (memory 1)
  (global $env (mut i32) (i32.const -2))
  (global $top (mut i32) (i32.const 16))
  (export "run" (func $run))
  (elem (i32.const 0) func $step $bound_1_2 $bound_2_4)
  (data (i32.const 8) "\01\00\00\00\00\00\00\00"))
