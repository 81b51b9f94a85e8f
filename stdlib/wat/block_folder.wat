;; A folder whose files are files of blocks (block_log.wat), as a vnode.
;;
;; Folders and links are the inner provider's, names and what links say among them; only files are
;; something else. So most functions of the new vnode are the inner folder's own. Pointers of callers
;; are followed here, before anything else of the provider is called.
(module $block_folder
  (rec
    (type $open (func (param i32 i32 i32) (result i32 (ref null $fd))))
    (type $read (func (param i32 i32) (result i32)))
    (type $write (func (param i32 i32) (result i32)))
    (type $close (func (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))
  (rec
    (type $pread (func (param i32 i32 i64) (result i32)))
    (type $pwrite (func (param i32 i32 i64) (result i32)))
    (type $seek (func (param i64 i32) (result i64)))
    (type $sync (func (param i32) (result i32)))
    (type $set_size (func (param i64) (result i32)))
    (type $allocate (func (param i64 i64) (result i32)))
    (type $stat (func (param i32) (result i32)))
    (type $set_times (func (param i64 i64 i32) (result i32)))
    (type $flags (func (result i32)))
    (type $set_flags (func (param i32) (result i32)))
    (type $poll (func (param i32) (result i64)))
    (type $readdir (func (param i32 i32 i64) (result i32)))
    (type $stat_at (func (param i32 i32 i32 i32) (result i32)))
    (type $set_times_at (func (param i32 i32 i32 i64 i64 i32) (result i32)))
    (type $mkdir (func (param i32 i32) (result i32)))
    (type $rmdir (func (param i32 i32) (result i32)))
    (type $unlink (func (param i32 i32) (result i32)))
    (type $rename (func (param i32 i32 (ref $fd) i32 i32) (result i32)))
    (type $link (func (param i32 i32 i32 (ref $fd) i32 i32) (result i32)))
    (type $symlink (func (param i32 i32 i32 i32) (result i32)))
    (type $readlink (func (param i32 i32 i32 i32) (result i32)))
    (type $vnode (sub $fd (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))
      (field $pread (ref $pread)) (field $pwrite (ref $pwrite)) (field $seek (ref $seek))
      (field $sync (ref $sync)) (field $set_size (ref $set_size))
      (field $allocate (ref $allocate)) (field $stat (ref $stat))
      (field $set_times (ref $set_times)) (field $flags (ref $flags))
      (field $set_flags (ref $set_flags)) (field $poll (ref $poll))
      (field $readdir (ref $readdir)) (field $stat_at (ref $stat_at))
      (field $set_times_at (ref $set_times_at)) (field $mkdir (ref $mkdir))
      (field $rmdir (ref $rmdir)) (field $unlink (ref $unlink)) (field $rename (ref $rename))
      (field $link (ref $link)) (field $symlink (ref $symlink))
      (field $readlink (ref $readlink))))))

  ;; This provider's folders, and by what it knows them. Types are equal between instances, so
  ;; there is something of this instance's own in them.
  (type $brand (struct (field i32)))
  (type $folder (sub final $vnode (struct
    (field $open (ref $open)) (field $read (ref $read))
    (field $write (ref $write)) (field $close (ref $close))
    (field $pread (ref $pread)) (field $pwrite (ref $pwrite)) (field $seek (ref $seek))
    (field $sync (ref $sync)) (field $set_size (ref $set_size))
    (field $allocate (ref $allocate)) (field $stat (ref $stat))
    (field $set_times (ref $set_times)) (field $flags (ref $flags))
    (field $set_flags (ref $set_flags)) (field $poll (ref $poll))
    (field $readdir (ref $readdir)) (field $stat_at (ref $stat_at))
    (field $set_times_at (ref $set_times_at)) (field $mkdir (ref $mkdir))
    (field $rmdir (ref $rmdir)) (field $unlink (ref $unlink)) (field $rename (ref $rename))
    (field $link (ref $link)) (field $symlink (ref $symlink))
    (field $readlink (ref $readlink))
    (field $brand (ref $brand)) (field $inner (ref $vnode)))))

  ;; Memory 0 is what fds below may look at: it has nothing in it but what they are handed.
  (import "outside" "memory" (memory 3))
  (import "caller" "size" (func $caller_size (result i32)))
  (import "caller" "read" (func $caller_read (param i32 i32 i32)))
  (import "caller" "write" (func $caller_write (param i32 i32 i32)))
  (import "log" "new" (func $new_log (param (ref $vnode)) (result (ref struct))))
  (import "log" "create" (func $create_log (param (ref struct)) (result i32)))
  (import "log" "refresh" (func $refresh (param (ref struct)) (result i32)))
  (import "log" "peek" (func $peek (param (ref struct)) (result i32 i64)))
  (import "log" "cut" (func $cut (param (ref struct) i64) (result i32)))
  (import "file" "new"
    (func $new_file (param (ref struct) (ref $vnode) i32) (result (ref $vnode))))

  (global $PATH i32 (i32.const 0x0800))
  (global $NEW i32 (i32.const 0x1800))
  (global $STAT i32 (i32.const 0x2800))
  (global $FULL_HEADER i64 (i64.const 256))

  ;; Bits of open's flags.
  (global $CREATE i32 (i32.const 1))
  (global $TRUNCATE i32 (i32.const 2))
  (global $WRITE i32 (i32.const 4))
  (global $FOLDER i32 (i32.const 8))
  (global $READ i32 (i32.const 16))
  (global $APPEND i32 (i32.const 32))
  (global $EXCLUSIVE i32 (i32.const 64))
  (global $FOLLOW i32 (i32.const 128))

  ;; Kinds in a filestat.
  (global $IS_FOLDER i32 (i32.const 3))
  (global $IS_FILE i32 (i32.const 4))

  (global $EINVAL i32 (i32.const 28))
  (global $ENAMETOOLONG i32 (i32.const 37))
  (global $ENOENT i32 (i32.const 44))
  (global $ENOTSUP i32 (i32.const 58))
  (global $EXDEV i32 (i32.const 75))

  (global $brand (ref $brand) (struct.new $brand (i32.const 0)))

  (elem declare func $open_at $stat_at $rename $link)

  ;; The vnode of a folder.
  (func $new (export "new") (param $inner (ref $vnode)) (result (ref $vnode))
    (struct.new $folder
      (func.bind $open (local.get $inner) (ref.func $open_at))
      (struct.get $vnode $read (local.get $inner))
      (struct.get $vnode $write (local.get $inner))
      (struct.get $vnode $close (local.get $inner))
      (struct.get $vnode $pread (local.get $inner))
      (struct.get $vnode $pwrite (local.get $inner))
      (struct.get $vnode $seek (local.get $inner))
      (struct.get $vnode $sync (local.get $inner))
      (struct.get $vnode $set_size (local.get $inner))
      (struct.get $vnode $allocate (local.get $inner))
      (struct.get $vnode $stat (local.get $inner))
      (struct.get $vnode $set_times (local.get $inner))
      (struct.get $vnode $flags (local.get $inner))
      (struct.get $vnode $set_flags (local.get $inner))
      (struct.get $vnode $poll (local.get $inner))
      (struct.get $vnode $readdir (local.get $inner))
      (func.bind $stat_at (local.get $inner) (ref.func $stat_at))
      (struct.get $vnode $set_times_at (local.get $inner))
      (struct.get $vnode $mkdir (local.get $inner))
      (struct.get $vnode $rmdir (local.get $inner))
      (struct.get $vnode $unlink (local.get $inner))
      (func.bind $rename (local.get $inner) (ref.func $rename))
      (func.bind $link (local.get $inner) (ref.func $link))
      (struct.get $vnode $symlink (local.get $inner))
      (struct.get $vnode $readlink (local.get $inner))
      (global.get $brand)
      (local.get $inner)))

  ;; ---- opening

  (func $open_at (param $inner (ref $vnode))
    (param $path i32) (param $path_len i32) (param $flags i32)
    (result i32 (ref null $fd))
    (local $errno i32) (local $opened (ref null $fd)) (local $below i32)
    (local.set $errno (call $take (local.get $path) (local.get $path_len) (global.get $PATH)))
    (if (i32.eq
          (i32.and (local.get $flags) (i32.or (global.get $TRUNCATE) (global.get $WRITE)))
          (global.get $TRUNCATE))
      (then (local.set $errno (global.get $EINVAL))))
    (if (local.get $errno) (then (return (local.get $errno) (ref.null $fd))))
    (if (i32.and (local.get $flags) (global.get $FOLDER))
      (then
        (call $open_inner (local.get $inner) (local.get $path_len) (local.get $flags))
        (local.set $opened) (local.set $errno)
        (if (local.get $errno) (then (return (local.get $errno) (ref.null $fd))))
        (return (call $wrap (local.get $opened) (local.get $flags) (i32.const 0)))))

    ;; What writes a part of a block reads it, and the end of a file is not where it seems to be.
    (local.set $below (i32.and (local.get $flags) (i32.const -100)))    ;; all but 1, 2, 32 and 64
    (if (i32.and (local.get $flags) (global.get $WRITE))
      (then (local.set $below (i32.or (local.get $below) (global.get $READ)))))
    (local.set $errno (global.get $ENOENT))
    (if (i32.ne
          (i32.and (local.get $flags) (i32.or (global.get $CREATE) (global.get $EXCLUSIVE)))
          (i32.or (global.get $CREATE) (global.get $EXCLUSIVE)))
      (then
        (call $open_inner (local.get $inner) (local.get $path_len) (local.get $below))
        (local.set $opened) (local.set $errno)
        (if (i32.eqz (local.get $errno))
          (then (return (call $wrap (local.get $opened) (local.get $flags) (i32.const 0)))))))
    (if (i32.or
          (i32.ne (local.get $errno) (global.get $ENOENT))
          (i32.eqz (i32.and (local.get $flags) (global.get $CREATE))))
      (then (return (local.get $errno) (ref.null $fd))))
    ;; Nobody else may have made it meanwhile: it gets a header, whatever it is opened for.
    (call $open_inner (local.get $inner) (local.get $path_len)
      (i32.or (local.get $below) (i32.const 85)))                       ;; 1, 4, 16 and 64
    (local.set $opened) (local.set $errno)
    (if (local.get $errno) (then (return (local.get $errno) (ref.null $fd))))
    (call $wrap (local.get $opened) (local.get $flags) (i32.const 1)))

  ;; Opens the path at $PATH. What an inner provider answers is not trusted to fit together.
  (func $open_inner (param $inner (ref $vnode)) (param $path_len i32) (param $flags i32)
    (result i32 (ref null $fd))
    (local $errno i32) (local $opened (ref null $fd))
    (call_ref $open (global.get $PATH) (local.get $path_len) (local.get $flags)
      (struct.get $vnode $open (local.get $inner)))
    (local.set $opened) (local.set $errno)
    (if (i32.and (i32.eqz (local.get $errno)) (ref.is_null (local.get $opened)))
      (then (return (global.get $ENOTSUP) (ref.null $fd))))
    (local.get $errno) (local.get $opened))

  ;; A vnode over what was opened below, a folder or a file; else that is closed again.
  (func $wrap (param $opened (ref null $fd)) (param $flags i32) (param $is_new i32)
    (result i32 (ref null $fd))
    (local $errno i32) (local $inner (ref $vnode)) (local $log (ref null struct)) (local $kind i32)
    (block $no_vnode
      (block $vnode (result (ref $vnode))
        (drop (br_on_cast $vnode (ref null $fd) (ref $vnode) (local.get $opened)))
        (br $no_vnode))
      (local.set $inner)
      (local.set $errno
        (call_ref $stat (global.get $STAT) (struct.get $vnode $stat (local.get $inner))))
      (local.set $kind (i32.load8_u offset=16 (global.get $STAT)))
      (if (i32.and
            (i32.eqz (local.get $errno)) (i32.eq (local.get $kind) (global.get $IS_FOLDER)))
        (then (return (i32.const 0) (call $new (local.get $inner)))))
      (if (i32.and
            (i32.eqz (local.get $errno)) (i32.ne (local.get $kind) (global.get $IS_FILE)))
        (then (local.set $errno (global.get $ENOTSUP))))
      (if (i32.eqz (local.get $errno))
        (then
          (local.set $log (call $new_log (local.get $inner)))
          (local.set $errno
            (call $prepare
              (ref.as_non_null (local.get $log)) (local.get $flags) (local.get $is_new)))))
      (if (local.get $errno)
        (then
          (drop (call_ref $close (struct.get $vnode $close (local.get $inner))))
          (return (local.get $errno) (ref.null $fd))))
      (i32.const 0)
      (call $new_file
        (ref.as_non_null (local.get $log)) (local.get $inner) (call $access (local.get $flags)))
      (return))
    (drop (call_ref $close (struct.get $fd $close (local.get $opened))))
    (global.get $ENOTSUP) (ref.null $fd))

  ;; Reads a file's header, or writes one. With a wrong key nothing is written, also where the file
  ;; was to be truncated. A file that has no whole header has nothing in it either: whoever was to
  ;; make it was interrupted, and to truncate it is to make it.
  (func $prepare (param $log (ref struct)) (param $flags i32) (param $is_new i32) (result i32)
    (local $errno i32)
    (if (i32.or
          (local.get $is_new)
          (i32.and
            (i32.ne
              (i32.and (local.get $flags) (global.get $TRUNCATE))
              (i32.const 0))
            (i64.lt_u (i64.load offset=32 (global.get $STAT)) (global.get $FULL_HEADER))))
      (then (return (call $create_log (local.get $log)))))
    (local.set $errno (call $refresh (local.get $log)))
    (if (i32.or
          (local.get $errno)
          (i32.eqz (i32.and (local.get $flags) (global.get $TRUNCATE))))
      (then (return (local.get $errno))))
    (call $cut (local.get $log) (i64.const 0)))

  ;; What a file is opened for: 1 reading, 2 writing, 4 at the end.
  (func $access (param $flags i32) (result i32)
    (if (i32.eqz (i32.and (local.get $flags) (global.get $WRITE)))
      (then (return (i32.const 1))))
    (i32.or
      (i32.const 2)
      (i32.or
        (i32.shr_u (i32.and (local.get $flags) (global.get $READ)) (i32.const 4))
        (i32.shr_u (i32.and (local.get $flags) (global.get $APPEND)) (i32.const 3)))))

  ;; ---- other functions with paths

  ;; A file's size is in its header.
  (func $stat_at (param $inner (ref $vnode))
    (param $follow i32) (param $path i32) (param $path_len i32) (param $buf i32) (result i32)
    (local $errno i32)
    (call $check_pointer (local.get $buf) (i32.const 64))
    (local.set $errno (call $take (local.get $path) (local.get $path_len) (global.get $PATH)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $errno (call_ref $stat_at
      (local.get $follow) (global.get $PATH) (local.get $path_len) (global.get $STAT)
      (struct.get $vnode $stat_at (local.get $inner))))
    (if (local.get $errno) (then (return (local.get $errno))))
    (if (i32.eq (i32.load8_u offset=16 (global.get $STAT)) (global.get $IS_FILE))
      (then
        (local.set $errno
          (call $look_up_size (local.get $inner) (local.get $follow) (local.get $path_len)))
        (if (local.get $errno) (then (return (local.get $errno))))))
    (call $caller_write (local.get $buf) (global.get $STAT) (i32.const 64))
    (i32.const 0))

  ;; Puts the size of the file at $PATH into the filestat.
  (func $look_up_size (param $inner (ref $vnode)) (param $follow i32) (param $path_len i32)
    (result i32)
    (local $errno i32) (local $opened (ref null $fd)) (local $size i64)
    (call $open_inner (local.get $inner) (local.get $path_len)
      (select (global.get $FOLLOW) (i32.const 0) (local.get $follow)))
    (local.set $opened) (local.set $errno)
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $errno (global.get $ENOTSUP))
    (block $no_vnode
      (block $vnode (result (ref $vnode))
        (drop (br_on_cast $vnode (ref null $fd) (ref $vnode) (local.get $opened)))
        (br $no_vnode))
      (call $peek (call $new_log))
      (local.set $size) (local.set $errno)
      (i64.store offset=32 (global.get $STAT) (local.get $size)))
    (drop (call_ref $close (struct.get $fd $close (local.get $opened))))
    (local.get $errno))

  (func $rename (param $inner (ref $vnode))
    (param $path i32) (param $path_len i32)
    (param $to (ref $fd)) (param $new i32) (param $new_len i32) (result i32)
    (local $errno i32) (local $target (ref null $vnode))
    (local.set $errno (call $take_both
      (local.get $path) (local.get $path_len) (local.get $new) (local.get $new_len)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $target (call $unwrap (local.get $to)))
    (if (ref.is_null (local.get $target)) (then (return (global.get $EXDEV))))
    (call_ref $rename
      (global.get $PATH) (local.get $path_len)
      (ref.as_non_null (local.get $target)) (global.get $NEW) (local.get $new_len)
      (struct.get $vnode $rename (local.get $inner))))

  (func $link (param $inner (ref $vnode))
    (param $follow i32) (param $path i32) (param $path_len i32)
    (param $to (ref $fd)) (param $new i32) (param $new_len i32) (result i32)
    (local $errno i32) (local $target (ref null $vnode))
    (local.set $errno (call $take_both
      (local.get $path) (local.get $path_len) (local.get $new) (local.get $new_len)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (local.set $target (call $unwrap (local.get $to)))
    (if (ref.is_null (local.get $target)) (then (return (global.get $EXDEV))))
    (call_ref $link
      (local.get $follow) (global.get $PATH) (local.get $path_len)
      (ref.as_non_null (local.get $target)) (global.get $NEW) (local.get $new_len)
      (struct.get $vnode $link (local.get $inner))))

  ;; The inner folder of one of this instance's; null for any other fd.
  (func $unwrap (param $fd (ref $fd)) (result (ref null $vnode))
    (local $folder (ref $folder))
    (block $other (result (ref $fd))
      (local.set $folder (br_on_cast_fail $other (ref $fd) (ref $folder) (local.get $fd)))
      (if (i32.eqz
            (ref.eq (struct.get $folder $brand (local.get $folder)) (global.get $brand)))
        (then (return (ref.null $vnode))))
      (return (struct.get $folder $inner (local.get $folder))))
    (drop)
    (ref.null $vnode))

  ;; ---- pointers

  ;; Copies a path of the caller's to $to. Gives 0 or an errno.
  (func $take (param $path i32) (param $path_len i32) (param $to i32) (result i32)
    (call $check_pointer (local.get $path) (local.get $path_len))
    (if (i32.gt_u (local.get $path_len) (i32.const 4096))
      (then (return (global.get $ENAMETOOLONG))))
    (call $caller_read (local.get $to) (local.get $path) (local.get $path_len))
    (i32.const 0))

  (func $take_both
    (param $path i32) (param $path_len i32) (param $new i32) (param $new_len i32) (result i32)
    (local $errno i32)
    (local.set $errno (call $take (local.get $path) (local.get $path_len) (global.get $PATH)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (call $take (local.get $new) (local.get $new_len) (global.get $NEW)))

  ;; Traps where the caller has no such bytes.
  (func $check_pointer (param $buf i32) (param $len i32)
    (if (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $buf)) (i64.extend_i32_u (local.get $len)))
          (i64.extend_i32_u (call $caller_size)))
      (then (call $caller_read (i32.const 0) (local.get $buf) (local.get $len))))))
