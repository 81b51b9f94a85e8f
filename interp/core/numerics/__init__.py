"""Pure maths on numbers: no stack, no store.

Naming, as in the spec's chapter https://webassembly.github.io/spec/core/exec/numerics.html:
integers are Python ints in their *unsigned* form, `0 <= i < 2**N`; a function that reads them as
signed says so with `_s`. An f64 is a Python float; an f32 is a Python float of the same value, see
`bits`. Functions that can fail raise `NumericError` with the spec's trap text.
"""
