;; proposal: +threads
;; given: {"env": {"m": instance("(module (memory (export \"m\") 1 9))").exports.m}}
(module
  (import "env" "m" (memory 1 9 shared)))
