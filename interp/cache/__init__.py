"""Compiled modules on disk: what was read, validated and compiled once is not again.

    source, features ──key──▶ folder ──▶ ValidModule: types, names, segments; code by function

plain     types and immediates as what `marshal` writes
modules   a valid module as plain data, and back: what running needs is there, the rest is read
          again from the source when somebody asks
codes     compiled functions as plain data, and back
cache     the two together in a file per module
"""
