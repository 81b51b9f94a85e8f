"""The names of the commands."""

from __future__ import annotations

__all__ = ["COMMANDS"]

#: The commands, each with the line that `watloom --help` has for it.
COMMANDS = {
    "run": "Run a program, or call one of its functions.",
    "step": "Step through a program: an interactive debugger.",
    "trace": "Write down each step of a program.",
    "wast": "Run test scripts.",
    "validate": "Check modules: diagnostics, or nothing.",
    "parse": "Assemble a text into a binary.",
    "print": "Write a module as text.",
    "explain": "Explain an instruction.",
    "bundle": "Put the modules that a module imports into it.",
    "unbundle": "Make a file of each module that is nested in a module.",
    "graph": "Draw the modules of a program, or its instances.",
    "lower": "Make one standard module of a module and those in it.",
    "compile": "Show a module as the Python source that runs it.",
    "cache": "Show what is kept on disk between runs, or remove it.",
    "stub": "Write the imports for a host module, or a host module for imports.",
}
