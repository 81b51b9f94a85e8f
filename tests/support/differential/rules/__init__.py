"""The rules of the generator, a file per chapter; importing this package registers them all."""

from differential.rules import (
    aggregate,
    arrays,
    atomics,
    blocks,
    branches,
    calls,
    casts,
    corners,
    deep,
    exceptions,
    idioms,
    let,
    machines,
    memory,
    numeric,
    reference,
    table,
    vectors,
    wide,
)

__all__ = [
    "aggregate", "arrays", "atomics", "blocks", "branches", "calls", "casts", "corners", "deep",
    "exceptions", "idioms", "let", "machines", "memory", "numeric", "reference", "table",
    "vectors", "wide",
]  # fmt: skip
