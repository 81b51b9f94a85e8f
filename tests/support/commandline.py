"""Running the command line inside the test's own process."""

import io
from dataclasses import dataclass

import pytest

from watloom.cli import main


@dataclass(frozen=True)
class Done:
    """What a command line gave."""

    status: int
    out: str
    err: str
    raw: bytes


class CommandLine:
    """`cli("run", "x.wat")` runs it with these words and gives a `Done`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def __call__(self, *words: object, stdin: str | bytes = b"") -> Done:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        streams = [io.TextIOWrapper(io.BytesIO(b), encoding="utf-8") for b in (given, b"", b"")]
        with self.monkeypatch.context() as patch:
            for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
                patch.setattr(f"sys.{name}", stream)
            status = main([str(word) for word in words])
        for stream in streams[1:]:
            stream.flush()
        out, err = (stream.buffer.getvalue() for stream in streams[1:])  # type: ignore[attr-defined]
        shown = out.decode("utf-8", "backslashreplace")
        return Done(status, shown, err.decode("utf-8", "backslashreplace"), out)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Runs command lines."""
    return CommandLine(monkeypatch)
