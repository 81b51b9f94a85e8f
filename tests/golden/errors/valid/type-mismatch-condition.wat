(module
  (func (param $n i64)
    (loop $again
      (br_if $again (local.get $n)))))
