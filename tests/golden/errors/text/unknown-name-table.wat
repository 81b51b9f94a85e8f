(module
  (table $handlers 4 funcref)
  (func (drop (table.size $handler))))
