(module $a)
(module $b)
