"""The engine below the public API: nouns, instructions, validator, executors, linker."""
