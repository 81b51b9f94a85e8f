;; The types of file descriptors. A file, a folder or a stream is a struct of four functions:
;; whoever has the struct can call them, and whoever can make such a struct is a file system.
;;
;; A module that passes fds has this rec group in it, field for field. Equal rec groups are equal
;; types, in whichever modules they stand, so nothing else needs to be shared.
;;
;; Pointers are into memory 0 of the instance that calls. Where fds are implemented in WAT, all the
;; modules that pass them share one memory.
(module $fd
  (rec
    ;; Opens what stands at a path (UTF-8) in a folder: 0 and an fd, or an errno and null.
    ;; flags   1  create it where it is not there
    ;;         2  truncate it; only together with 4
    ;;         4  for writing; else for reading
    ;;         8  it must be a folder; a folder can only be opened for reading
    ;; A path leads down from the folder, never out of it: one that begins with `/`, or that climbs
    ;; too far by `..`, gives ENOTCAPABLE, and one that leads through a link ELOOP.
    (type $open (func (param $path i32) (param $path_len i32) (param $flags i32)
                      (result i32 (ref null $fd))))

    ;; Reads up to $len bytes: how many it was, 0 at the end, or a negative errno.
    (type $read (func (param $buf i32) (param $len i32) (result i32)))

    ;; Writes up to $len bytes: how many it was, or a negative errno.
    (type $write (func (param $buf i32) (param $len i32) (result i32)))

    ;; 0 or an errno. Whatever is called after that answers EBADF.
    (type $close (func (result i32)))

    ;; The fields are immutable: an fd that was handed out cannot be pointed elsewhere.
    (type $fd (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close)))))

  ;; The errnos are WASI preview 1's:
  ;;
  ;;     2 EACCES   8 EBADF   20 EEXIST   28 EINVAL   29 EIO   31 EISDIR   32 ELOOP   33 EMFILE
  ;;     37 ENAMETOOLONG   44 ENOENT   54 ENOTDIR   58 ENOTSUP   63 EPERM   76 ENOTCAPABLE
  ;;
  ;; A folder answers EISDIR to read and write, anything else ENOTDIR to open. A file is opened for
  ;; reading or for writing, and answers EBADF to the other one. Links, devices and pipes are never
  ;; opened (ELOOP, ENOTSUP).

  ;; What the host's own module exports, by the import name "fd". Each call gives a new fd.
  (type $preopen (func (param i32) (result (ref null $fd))))   ;; "preopen": the nth granted folder
  (type $stream (func (result (ref $fd)))))                    ;; "stdin" "stdout" "stderr" "random"
