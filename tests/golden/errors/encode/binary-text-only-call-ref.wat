;; dialect: legacy
(module
  (func (param (ref func))
    (call_ref (local.get 0))))
