;; The types of file descriptors. A file, a folder or a stream is a struct of functions: whoever has
;; the struct can call them, and whoever can make such a struct is a file system.
;;
;; There are two. `$fd` has the four functions that most programs do with; `$vnode` has all that
;; WASI preview 1 asks for, and is an fd: what gives or takes an `$fd` does so with a vnode as well.
;; Whoever wants more of an fd than four functions asks what it is (`br_on_cast`), and treats one
;; that is no vnode as if the others answered ENOTSUP.
;;
;; A module that passes fds has the first rec group in it, field for field; one that passes vnodes
;; has both. Equal rec groups are equal types, in whichever modules they stand, so nothing else
;; needs to be shared. Both structs are open: a provider may add fields of its own at the end, by
;; which it knows its own vnodes where it is handed one.
;;
;; Pointers are into memory 0 of the instance that calls. A provider in WAT follows them through
;; `caller`, or shares one memory with all the modules that pass fds.
(module $fd
  (rec
    ;; Opens what stands at a path (UTF-8) in a folder: 0 and an fd, or an errno and null.
    ;; flags    1  create it where it is not there
    ;;          2  truncate it; only together with 4
    ;;          4  for writing; else for reading
    ;;          8  it must be a folder; a folder can only be opened for reading
    ;;         16  for reading too, together with 4
    ;;         32  every write goes to the end
    ;;         64  together with 1: it must not be there (EEXIST)
    ;;        128  if a link stands at the end, what it leads to; else that gives ELOOP
    ;;        256  never wait       512  write data through at once
    ;;       1024  read what was written through      2048  write all through at once
    ;; A path leads down from the folder, never out of it: one that begins with `/`, or that climbs
    ;; too far by `..`, gives ENOTCAPABLE. Links on the way are followed, under the same rule, and at
    ;; most 40 of them (ELOOP); `..` goes back to the folder that one came from.
    (type $open (func (param $path i32) (param $path_len i32) (param $flags i32)
                      (result i32 (ref null $fd))))

    ;; Reads up to $len bytes: how many it was, 0 at the end, or a negative errno.
    (type $read (func (param $buf i32) (param $len i32) (result i32)))

    ;; Writes up to $len bytes: how many it was, or a negative errno.
    (type $write (func (param $buf i32) (param $len i32) (result i32)))

    ;; 0 or an errno. Whatever is called after that answers EBADF.
    (type $close (func (result i32)))

    ;; The fields are immutable: an fd that was handed out cannot be pointed elsewhere.
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))

  ;; What has an i32 or i64 to give gives that, or a negative errno; all others 0 or an errno.
  (rec
    ;; Read and write elsewhere than where the fd stands, which they leave alone. Gives bytes.
    (type $pread (func (param $buf i32) (param $len i32) (param $offset i64) (result i32)))
    (type $pwrite (func (param $buf i32) (param $len i32) (param $offset i64) (result i32)))

    ;; Goes to $offset bytes from the beginning (whence 0), from here (1), or from the end (2).
    ;; Gives the new position.
    (type $seek (func (param $offset i64) (param $whence i32) (result i64)))

    ;; Writes through what was written; with $data_only not what `stat` says of it.
    (type $sync (func (param $data_only i32) (result i32)))

    ;; Cuts a file, or fills it up with zeros.
    (type $set_size (func (param $size i64) (result i32)))

    ;; Makes sure that there is room; a file that ends before it is filled up with zeros.
    (type $allocate (func (param $offset i64) (param $len i64) (result i32)))

    ;; Puts 64 bytes at $buf, preview 1's filestat: u64 device, u64 inode, u8 kind (and 7 bytes of
    ;; nothing), u64 links, u64 size, and when it was read, written, changed (u64, nanoseconds).
    ;; kinds   0 unknown   1 block device   2 character device   3 folder   4 file
    ;;         5 datagram socket   6 stream socket   7 link
    (type $stat (func (param $buf i32) (result i32)))

    ;; Sets when it was read and written. fst_flags   1 to $atim   2 to now   4 to $mtim   8 to now
    (type $set_times (func (param $atim i64) (param $mtim i64) (param $fst_flags i32) (result i32)))

    ;; Preview 1's fdflags: 1 append   2 dsync   4 nonblock   8 rsync   16 sync
    (type $flags (func (result i32)))
    (type $set_flags (func (param $fdflags i32) (result i32)))

    ;; How many bytes can be read (written) now without waiting, at least 1 where that is not known;
    ;; EAGAIN: none yet. 0 is the end.
    (type $poll (func (param $for_writing i32) (result i64)))

    ;; Puts a folder's entries at $buf, those after the one with this cookie (0: all), preview 1's
    ;; dirents: u64 cookie, u64 inode, u32 length of the name, u8 kind (and 3 bytes of nothing), the
    ;; name. Gives the bytes used; if that is all of $len, the last one may be cut, and there may be
    ;; more. `.` and `..` come first.
    (type $readdir (func (param $buf i32) (param $len i32) (param $cookie i64) (result i32)))

    ;; `stat` and `set_times` of what stands at a path; with $follow of what a link there leads to.
    (type $stat_at (func (param $follow i32) (param $path i32) (param $path_len i32)
                         (param $buf i32) (result i32)))
    (type $set_times_at (func (param $follow i32) (param $path i32) (param $path_len i32)
                              (param $atim i64) (param $mtim i64) (param $fst_flags i32)
                              (result i32)))

    (type $mkdir (func (param $path i32) (param $path_len i32) (result i32)))
    (type $rmdir (func (param $path i32) (param $path_len i32) (result i32)))     ;; an empty folder
    (type $unlink (func (param $path i32) (param $path_len i32) (result i32)))    ;; all else

    ;; Moves what stands at a path to another one in the folder $to, in place of what is there.
    ;; A folder that is none of the same provider's gives EXDEV.
    (type $rename (func (param $path i32) (param $path_len i32)
                        (param $to (ref $fd)) (param $new i32) (param $new_len i32) (result i32)))

    ;; Gives a file one name more, in the folder $to.
    (type $link (func (param $follow i32) (param $path i32) (param $path_len i32)
                      (param $to (ref $fd)) (param $new i32) (param $new_len i32) (result i32)))

    ;; Makes a link at a path that says $target: any text that does not begin with `/`.
    (type $symlink (func (param $target i32) (param $target_len i32)
                         (param $path i32) (param $path_len i32) (result i32)))

    ;; Puts what a link says at $buf, cut at $len. Gives bytes.
    (type $readlink (func (param $path i32) (param $path_len i32)
                          (param $buf i32) (param $len i32) (result i32)))

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

  ;; The errnos are WASI preview 1's:
  ;;
  ;;     2 EACCES   8 EBADF   20 EEXIST   28 EINVAL   29 EIO   31 EISDIR   32 ELOOP   33 EMFILE
  ;;     37 ENAMETOOLONG   44 ENOENT   54 ENOTDIR   58 ENOTSUP   63 EPERM   70 ESPIPE   75 EXDEV
  ;;     76 ENOTCAPABLE
  ;;
  ;; A folder answers EISDIR to read and write, anything else ENOTDIR to open and to all that takes
  ;; a path. A file is opened for reading, for writing or for both, and answers EBADF to what it was
  ;; not opened for. Devices and pipes are never opened (ENOTSUP).

  ;; What the host's own module exports, by the import name "fd". Each call gives a new fd, and
  ;; every one is a vnode.
  (type $preopen (func (param i32) (result (ref null $fd))))   ;; "preopen": the nth granted folder
  (type $stream (func (result (ref $fd))))                     ;; "stdin" "stdout" "stderr" "random"

  ;; The vnode that an fd is; null where it has four functions only.
  (func (export "vnode") (param $fd (ref null $fd)) (result (ref null $vnode))
    (block $no (result (ref null $fd))
      (return (br_on_cast_fail $no (ref null $fd) (ref $vnode) (local.get $fd))))
    (drop)
    (ref.null $vnode)))
