"""Linking: finding what a module imports, and fitting it together."""
