;; where THOUSAND is 1000 times i32
(module
  (type $f (func (param THOUSAND) (result THOUSAND)))
  (type $g (func (result THOUSAND i32))))
