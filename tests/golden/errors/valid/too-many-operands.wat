;; where THOUSAND is 1000 times i32
;; where CALLS is 1001 times (call 0)
(module
  (func (result THOUSAND) unreachable)
  (func unreachable CALLS))
