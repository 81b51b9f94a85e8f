"""Differential tests: generated programs, run by several engines ("voices") that must agree.

program    `generate(seed, families)`: a valid module as text, and calls with corner values
outcome    what a voice says: results as bits, traps, final globals, memories, tables
voices     the reference machine, the compiled tier, wasmtime where it is installed
compare    whether two voices said the same
shrink     a failing program made small
__main__   the command: python -m differential --help
"""
