;; proposal: -module-linking
(module
  (module $child))
