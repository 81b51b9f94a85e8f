;; proposal: -func-bind
(module
  (type $f (func (param i32)))
  (func (param (ref $f))
    (func.bind $f (local.get 0))))
