"""Mutation tests: how many small mistakes in the compiled tier do generated programs notice?

sites       every place in `watloom.interp.compile` where a mistake can be made, in a fixed order
operators   the mistakes: a comparison swapped, a constant off by one, a wrap or barrier dropped, …
equivalent  the mistakes that change no result, each with the reason; they are left out
corpus      generated programs with what the reference machine says of them
trial       a process of its own in which one module of the tier is loaded with one mistake
__main__    the command: python -m mutation --help

No file is changed: a module's tree is changed in memory, in the process that runs it.
"""
