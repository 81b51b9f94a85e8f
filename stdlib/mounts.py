"""`--mount GUEST=WHAT`: what stands below a name that a program sees.

    /=letters                              a folder of the host's
    /=letters:ro                           the same, for reading alone
    /tmp=mem                               in memory, gone in the end
    /home=encrypt(secret, KEY)             encrypted in a folder, by the key in the variable KEY
    /=overlay(letters, mem)                letters, changes being kept in memory
    /=log(quota(letters, 1MiB))            and so on: providers stand on each other

A folder whose path has `,`, `(` or `)` in it, or is the name of a provider, is written in quotes.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn

from watloom.interp.core.dataclass import dataclass
from watloom.interp.runtime.store import Store
from watloom.stdlib.vnode import Vnode

__all__ = ["Make", "MountError", "mount", "size"]

#: Makes what is mounted, in a store.
Make = Callable[[Store], Vnode]

#: How many providers one mount may have on top of each other.
MOST_PROVIDERS = 32

_TOKEN = re.compile(r'\s*(?:"([^"]*)"|([^\s"(),][^"(),]*)|([(),]))')
_SIZE = re.compile(r"(\d+)([kmg]?)(?:i?b)?", re.IGNORECASE)


class MountError(ValueError):
    """What is to be mounted cannot be read, or is not there. `help` says what to write."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class _Word:
    """A name, path or number; one in quotes is nothing else than a path."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    """A provider over others."""

    name: str
    args: tuple[_Word | _Call, ...]


def mount(text: str, env: Mapping[str, str] = os.environ) -> tuple[str, Make]:
    """The name for the guest, and what makes the folder. Keys are looked up in `env`.

    Raises MountError: also for folders that are not there, and keys that are none.
    """
    guest, equals, what = text.partition("=")
    if not guest or not equals or not what:
        raise MountError(f"{text!r} is not of the form GUEST=WHAT", "write it like /=data:ro")
    return guest, _make(_Reader(what).all(), env)


def size(text: str) -> int:
    """A number of bytes. Raises MountError.

    >>> size("64k"), size("1MiB")
    (65536, 1048576)
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise MountError(f"{text!r} is not a size", "write it like 65536, 64k or 16MiB")
    return int(found[1]) << {"": 0, "k": 10, "m": 20, "g": 30}[found[2].lower()]


# ------------------------------------------------------------------ reading


class _Reader:
    """The words of a mount, taken apart."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [*self._tokens(), ("", "")]
        self.at = 0

    def _tokens(self) -> Iterator[tuple[str, str]]:
        """Kind ("path", "word", or the mark itself) and text."""
        at = 0
        while self.text[at:].strip():
            found = _TOKEN.match(self.text, at)
            if found is None:
                raise MountError(f"{self.text!r}: a quote is not closed")
            at = found.end()
            quoted, word, mark = found.groups()
            if quoted is not None:
                yield "path", quoted
            else:
                yield ("word", word.rstrip()) if word else (mark, mark)

    def _next(self) -> tuple[str, str]:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def all(self) -> _Word | _Call:
        found = self._one()
        if self.tokens[self.at][0]:
            self._fail(self.tokens[self.at][1])
        return found

    def _one(self, depth: int = 0) -> _Word | _Call:
        if depth > MOST_PROVIDERS:
            raise MountError(f"more than {MOST_PROVIDERS} providers stand on each other")
        kind, text = self._next()
        if kind == "path":
            return _Word(text, quoted=True)
        if kind != "word":
            self._fail(text)
        if self.tokens[self.at][0] != "(":
            return _Word(text)
        self._next()
        args = [self._one(depth + 1)]
        while (mark := self._next())[0] == ",":
            args.append(self._one(depth + 1))
        if mark[0] != ")":
            self._fail(mark[1])
        return _Call(text, tuple(args))

    def _fail(self, text: str) -> NoReturn:
        raise MountError(
            f"{self.text!r}: {repr(text) if text else 'the end'} cannot stand here",
            'a folder with commas or parentheses in its name is written in quotes: "a,b"',
        )


# ------------------------------------------------------------------ making


def _make(what: _Word | _Call, env: Mapping[str, str]) -> Make:
    if isinstance(what, _Word):
        return _memory() if what == _Word("mem") else _host(what)
    known = _PROVIDERS.get(what.name)
    if known is None:
        names = ", ".join(sorted(_PROVIDERS))
        raise MountError(f"there is no provider {what.name!r}", f"there are mem, {names}")
    usage, count, provider = known
    if len(what.args) != count:
        raise MountError(f"{what.name} takes {count}, and not {len(what.args)}", f"write {usage}")
    return provider(what.args, env)


def _host(what: _Word) -> Make:
    """A folder of the host's."""
    path, for_reading = what.text, False
    if not what.quoted and path.endswith((":ro", ":rw")):
        path, for_reading = path[:-3], path.endswith(":ro")
    path = os.path.abspath(path)
    if not os.path.isdir(path):
        raise MountError(f"{path!r} is not a folder")

    def make(store: Store) -> Vnode:
        from watloom.stdlib import confine
        from watloom.stdlib.native import HostFolder
        from watloom.stdlib.providers.readonly import readonly

        folder = HostFolder(confine.open_root(path) if confine.SUPPORTED else None)
        return readonly(folder) if for_reading else folder

    return make


def _memory() -> Make:
    def make(store: Store) -> Vnode:
        from watloom.stdlib.providers.memory import memory

        return memory()

    return make


_Args = tuple[_Word | _Call, ...]


def _word(what: _Word | _Call) -> str:
    if isinstance(what, _Call):
        raise MountError(f"a word is wanted, and not {what.name}(…)")
    return what.text


def _encrypt(args: _Args, env: Mapping[str, str]) -> Make:
    below, name = _make(args[0], env), _word(args[1])
    help = (
        "it is 64 hexadecimal digits; a new one: python -c 'import os; print(os.urandom(32).hex())'"
    )
    if name not in env:
        raise MountError(f"there is no variable {name} with a key in it", help)
    try:
        key = bytes.fromhex(env[name])
    except ValueError:
        key = b""
    if len(key) != 32:
        raise MountError(f"the variable {name} holds no key", help)

    def make(store: Store) -> Vnode:
        from watloom.stdlib.providers.encrypt import encrypt

        return encrypt(below(store), key, store)

    return make


def _compress(args: _Args, env: Mapping[str, str]) -> Make:
    below = _make(args[0], env)

    def make(store: Store) -> Vnode:
        from watloom.stdlib.providers.compress import compress

        return compress(below(store), store)

    return make


def _readonly(args: _Args, env: Mapping[str, str]) -> Make:
    below = _make(args[0], env)

    def make(store: Store) -> Vnode:
        from watloom.stdlib.providers.readonly import readonly

        return readonly(below(store))

    return make


def _overlay(args: _Args, env: Mapping[str, str]) -> Make:
    lower, upper = (_make(arg, env) for arg in args)

    def make(store: Store) -> Vnode:
        from watloom.stdlib.providers.overlay import overlay

        return overlay(lower(store), upper(store))

    return make


def _quota(args: _Args, env: Mapping[str, str]) -> Make:
    below, most = _make(args[0], env), size(_word(args[1]))

    def make(store: Store) -> Vnode:
        from watloom.stdlib.providers.quota import quota

        return quota(below(store), most)

    return make


def _log(args: _Args, env: Mapping[str, str]) -> Make:
    below = _make(args[0], env)

    def make(store: Store) -> Vnode:
        from watloom.stdlib.providers.logged import logged

        return logged(below(store), lambda record: print(record, file=sys.stderr))

    return make


def _fail(args: _Args, env: Mapping[str, str]) -> Make:
    below, operation, number = _make(args[0], env), _word(args[1]), _word(args[2])
    if not number.isascii() or not number.isdigit() or int(number) == 0:
        raise MountError(f"{number!r} is not the number of a call", "the first one is 1")
    from watloom.stdlib.providers.faulty import Fault, faulty

    try:
        fault = Fault(operation, after=int(number) - 1)
    except ValueError as error:
        raise MountError(str(error)) from None
    return lambda store: faulty(below(store), fault)


#: By name: how it is written, how many arguments, and what makes it.
_PROVIDERS: dict[str, tuple[str, int, Callable[[_Args, Mapping[str, str]], Make]]] = {
    "compress": ("compress(WHAT)", 1, _compress),
    "encrypt": ("encrypt(WHAT, VARIABLE)", 2, _encrypt),
    "fail": ("fail(WHAT, OPERATION, NUMBER)", 3, _fail),
    "log": ("log(WHAT)", 1, _log),
    "overlay": ("overlay(WHAT, WHAT)", 2, _overlay),
    "quota": ("quota(WHAT, SIZE)", 2, _quota),
    "readonly": ("readonly(WHAT)", 1, _readonly),
}
