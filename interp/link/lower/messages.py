"""What lowering can say, each text once: why something has no form without module linking."""

from __future__ import annotations

from watloom.interp.core.errors import LinkError
from watloom.interp.core.messages import Message

module_export = Message(
    LinkError,
    "module-export",
    "cannot lower the export `{name}`: it is a module, and standard modules export no modules",
    "instantiate it here, or lower it by itself",
)
instance_export = Message(
    LinkError,
    "instance-export",
    "cannot lower the export `{name}`: it is an instance, and standard modules export no instances",
    "export its items one by one, or all of them with (export $instance)",
)
single_import = Message(
    LinkError,
    "single-import",
    "cannot lower the import `{name}`: a standard module imports a {kind} with two names",
    'write (import "module" "{name}" …)',
)
deep_import = Message(
    LinkError,
    "deep-import",
    "cannot lower the import `{name}` `{item}`: it is an instance or module in an instance",
    "standard imports have two names: a module and an item that is no instance",
)
module_of_instance = Message(
    LinkError,
    "module-of-instance",
    "cannot lower the import of the module `{name}`: it comes from an instance, not from a file",
    "a module that is imported by a single name is looked for in files",
)
too_many = Message(
    LinkError,
    "too-many-instances",
    "cannot lower this module: it would make more than {most} instances",
    "each instance is a copy of its module's code",
)
table_init = Message(
    LinkError,
    "table-init",
    "cannot lower the initial value of a table: it takes a value from another instance, which "
    "{mnemonic} makes",
    "initialize the table with an element segment",
)
not_standard = Message(
    LinkError,
    "not-standard",
    "cannot lower {what} to {target}: {why}",
    "{how}",
)
mvp_boundary = Message(
    LinkError,
    "mvp-boundary",
    "cannot lower references to mvp: {what} lets them through to the outside",
    "inside, a reference becomes a number that means nothing to others; let numbers through, or "
    "use --target 3.0",
)
mvp_memory = Message(
    LinkError,
    "mvp-memory",
    "cannot lower to mvp: references and passive segments need room in the one memory that mvp "
    "has, and {what} shows that memory to the outside",
    "keep the memory inside, or use --target 3.0",
)
mvp_room = Message(
    LinkError,
    "mvp-room",
    "cannot lower to mvp: the memory's {own} pages and {heap} for structs and closures are too "
    "many for one memory",
    "there may be 65,536 pages of 64 KiB together; --heap says how much is for structs",
)
bound_boundary = Message(
    LinkError,
    "bound-boundary",
    "cannot lower func.bind: {what} lets function references through to the outside",
    "a bound function is no function there; keep references to functions inside, or do without "
    "func.bind",
)
