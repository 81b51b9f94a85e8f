"""The store and what lives in it: functions, memories, tables, globals, instances.

https://webassembly.github.io/spec/core/exec/runtime.html. Naming: the spec's `…inst` structures
keep their short names here (`Memory`, `Table`, `Global`), being what users hold as well; nothing
is owned by an index in a store, so that what is dropped is freed.
"""
