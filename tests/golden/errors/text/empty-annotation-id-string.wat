(module
  (@"" "notes")
  (func))
