(module
  (func
    (block $done
      (loop $again
        (br $agian)))))
