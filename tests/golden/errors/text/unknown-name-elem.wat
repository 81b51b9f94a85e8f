(module
  (elem $start func)
  (func (elem.drop $strat)))
