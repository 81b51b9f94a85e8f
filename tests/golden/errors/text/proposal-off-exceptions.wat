(module
  (tag $e)
  (func
    try
      throw $e
    catch_all
    end))
