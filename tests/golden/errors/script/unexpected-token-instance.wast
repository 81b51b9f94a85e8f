(module definition $M)
(module instance $I $M $N)
