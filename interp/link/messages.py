"""What the linker can say, each text once."""

from __future__ import annotations

from watloom.interp.core.errors import LinkError
from watloom.interp.core.messages import Message

unknown_import = Message(
    LinkError, "unknown-import", "unknown import {name}: {why}", "import one of those, or add it"
)
incompatible = Message(
    LinkError,
    "incompatible-import",
    "incompatible import type for {name}{where}\n{types}",
)
not_a_value = Message(
    LinkError,
    "not-a-value",
    "incompatible import type for {name}\n  wanted {want}\n  given  {have}, a Python {type}",
    "{how}",
)
other_store = Message(
    LinkError,
    "other-store",
    "{name} belongs to another store",
    "make both instances in one store: one Linker, or pass store=",
)
cycle = Message(
    LinkError,
    "import-cycle",
    "import cycle: {chain}",
    "break it with a module that both import, or pass a function through a table",
)
no_exports = Message(
    LinkError,
    "no-exports",
    "unknown import {name}: {module} stands for {given}",
    "give an instance, a host module, or a mapping of names, such as {{{item!r}: …}}",
)
outside = Message(
    LinkError,
    "outside-folder",
    "unknown import {name}: {path} lies outside of the folders that may be looked in",
    "only the importing file's folder, what lies below it, and -L folders are looked in",
)
outer_import = Message(
    LinkError,
    "outer-import",
    "cannot unbundle: a nested module uses a module that one around it imports",
    "what is imported cannot be copied into another file; pass it as an argument",
)
unreadable = Message(
    LinkError,
    "unreadable",
    "unknown import {name}: {path} cannot be read: {why}",
    "it was chosen as the first of the files that the name can stand for",
)
