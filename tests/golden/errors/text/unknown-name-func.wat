(module
  (func $print_line)
  (func (call $print_lin)))
