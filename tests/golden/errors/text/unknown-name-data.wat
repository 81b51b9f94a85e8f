(module
  (data $greeting "hello")
  (func (data.drop $greting)))
