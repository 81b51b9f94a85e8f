;; proposal: -module-linking
(module
  ( alias $lib "f" (func $f)))
