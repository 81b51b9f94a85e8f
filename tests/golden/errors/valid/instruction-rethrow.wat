;; proposal: +legacy-exceptions
(module
  (tag $e)
  (func
    try $t
      nop
      rethrow $t
    catch $e
    end))
