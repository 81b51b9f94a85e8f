(module
  (func $log "x"y))
