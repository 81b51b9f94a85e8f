(module
  (type $callback (func))
  (type $button (struct (field $label i32) (field $on_click (ref $callback))))
  (func (result (ref $button))
    (struct.new_default $button)))
