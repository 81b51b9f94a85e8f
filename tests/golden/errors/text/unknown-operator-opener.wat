(module
  (fucn (export "run")))
