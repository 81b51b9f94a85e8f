(assert_malformed_custom (module quote "(@custom)") "expected name")
