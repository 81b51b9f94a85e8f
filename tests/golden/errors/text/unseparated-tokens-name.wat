(module
  (func $"a"b))
