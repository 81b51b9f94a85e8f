;; proposal: +threads
(module
  (memory 1 shared))
