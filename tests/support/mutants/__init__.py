"""Damaged programs: whatever is done to one, only the project's own errors come out.

    seeds          sound programs, as text and as binary; those with everything in `seeds/`
    damage_text    characters and expressions dropped, doubled, swapped, replaced
    damage_bytes   bytes changed, lies about lengths, odd integers, sections cut and spliced
    judge          how far a mutant gets, and what it may not do on its way

The tests try a few; `make mutants` tries many (`python -m mutants --help`).
"""
