;; proposal: +custom-page-sizes
(module
  (memory 5 (pagesize 1)))
