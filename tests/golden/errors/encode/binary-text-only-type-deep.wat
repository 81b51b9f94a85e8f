;; where OPEN is 103 times (type (module
;; where CLOSE is 103 times ))
(module
  OPEN (type $lib (instance)) (export $lib) CLOSE)
