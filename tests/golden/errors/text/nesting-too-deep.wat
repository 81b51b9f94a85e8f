;; where OPEN is 252 times (module
;; where CLOSE is 252 times )
OPEN CLOSE
