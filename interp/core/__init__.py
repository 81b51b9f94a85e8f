"""The nouns: sources and spans, errors, types, the module IR, matching, numerics, features."""
