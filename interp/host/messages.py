"""What may be wrong with a host module's class, each text once."""

from __future__ import annotations

from watloom.interp.core.errors import DefinitionError, WatloomError
from watloom.interp.core.messages import Message

annotation = Message(DefinitionError, "host-annotation", "{where}: {why}")
no_annotation = Message(
    DefinitionError,
    "host-no-annotation",
    "{where} has no annotation, so there is no Wasm type for it",
    "write one, such as `{example}`",
)
parameter_kind = Message(
    DefinitionError,
    "host-parameter-kind",
    "{where}: Wasm passes values by position, one by one, and this is {kind}",
    "make it an ordinary parameter, or use the raw form: @export(raw=…), (self, caller, *slots)",
)
not_a_method = Message(
    DefinitionError,
    "host-not-a-method",
    "{where}: @export is for methods, and this is {kind}",
    "write @export above a plain `def` with self",
)
no_self = Message(
    DefinitionError,
    "host-no-self",
    "{where} has {first} where `self` belongs",
    "write `self` as its first parameter",
)
raw_parameters = Message(
    DefinitionError,
    "host-raw-parameters",
    "{where} cannot be called with what its raw form is given: {given}",
    "write `def {method}(self, {example})`",
)
reserved = Message(
    DefinitionError,
    "host-reserved",
    "{where}: every host module has a `{method}` of its own, which is no export",
    'give the method another name: @export("{method}") above `def {method}_(self, …)`',
)
twice = Message(
    DefinitionError,
    "host-export-twice",
    "{module} exports `{name}` twice: by {first} and by {second}",
    "give one of them another name: @export({name!r})",
)
raw_signature = Message(
    DefinitionError,
    "host-raw-signature",
    "{where}: {given!r} is not a signature",
    'write it as "i32 i32 -> i32", or give a watloom.FuncType',
)
empty_struct = Message(
    DefinitionError, "host-empty-struct", "{struct}: a struct needs a field", "`x: I32`, say"
)
struct_option = Message(
    DefinitionError,
    "host-struct-option",
    "{struct}: a wasm_struct is made of its fields in order, and cannot have {option}=True",
    "leave it out",
)
text_policy = Message(
    DefinitionError,
    "host-text-policy",
    "utf8({policy!r}): Python knows no such way with bytes that are not UTF-8",
    'write "strict", "replace", "ignore", "backslashreplace" or "surrogateescape"',
)
struct_field = Message(
    DefinitionError,
    "host-struct-field",
    "{struct}: field `{field}`: {kind} is not read from memory as the others are",
    "make it an ordinary field",
)
cannot_deny = Message(
    DefinitionError,
    "host-cannot-deny",
    "{where} gives back no Errno, so it cannot be denied with one",
    'deny it with a trap, denied("trap"), or let it give back an Errno',
)
not_awaited = Message(
    WatloomError,
    "host-not-awaited",
    "{name} is asynchronous, and this call of the guest cannot wait for it: {why}",
    "call the guest with `await instance.call_async(…)`",
)
