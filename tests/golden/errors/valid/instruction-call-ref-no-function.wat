;; dialect: legacy
(module
  (func (param funcref)
    (call_ref (local.get 0))))
