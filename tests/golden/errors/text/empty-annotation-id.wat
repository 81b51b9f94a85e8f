(module
  (@ "notes")
  (func))
