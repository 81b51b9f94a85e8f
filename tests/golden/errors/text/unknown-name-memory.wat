(module
  (memory $buffer 1)
  (func (drop (memory.size $bufer))))
