;; where THOUSAND is 1000 times i32
(module (func (param THOUSAND i32)))
