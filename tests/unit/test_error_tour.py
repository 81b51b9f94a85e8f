"""The error tour: for everything that can be said, a small broken program and what is said.

The programs and their diagnostics are in tests/golden/errors; tests/support/error_tour.py tells how
they are read. A new message or a new `raise` without a program fails here.
"""

import pytest

import error_tour as tour
from watloom.interp.core.messages import Message
from watloom.interp.link import messages as link_messages
from watloom.interp.link.lower import messages as lower_messages
from watloom.interp.validate import messages as valid_messages
from watloom.parser import binary_messages
from watloom.parser import messages as text_messages

CATALOGUES = (text_messages, binary_messages, valid_messages, link_messages, lower_messages)

#: Raises that no program reaches, and why: (file, statement) → reason.
UNREACHED: dict[tuple[str, str], str] = {}


@pytest.mark.parametrize("program", tour.programs())
def test_diagnostic(program, golden):
    phase, name = program.split("/")
    error = tour.error_of(program)
    assert isinstance(error, tour.PHASES[phase])
    assert name == error.slug or name.startswith(f"{error.slug}-"), f"its slug is {error.slug}"
    golden(tour.rendered(program), f"errors/{program}.txt")


def test_no_golden_file_is_left_over():
    files = [path for phase in tour.PHASES for path in (tour.HOME / phase).glob("*.txt")]
    kept = {path.relative_to(tour.HOME).with_suffix("").as_posix() for path in files}
    assert kept == set(tour.programs())


# ------------------------------------------------------------------ nothing is missing


def test_every_message_is_shown():
    shown = {tour.error_of(program).slug for program in tour.programs()}
    slugs = [m.slug for catalogue in CATALOGUES for m in _messages(catalogue)]
    assert not [slug for slug in slugs if slug not in shown]


def _messages(catalogue):
    return [value for value in vars(catalogue).values() if isinstance(value, Message)]


def test_every_message_has_a_name_of_its_own():
    for catalogue in CATALOGUES:
        slugs = [message.slug for message in _messages(catalogue)]
        assert len(slugs) == len(set(slugs))


def test_every_raise_is_reached():
    errors = map(tour.error_of, tour.programs())
    reached = {place for error in errors for place in tour.places(error)}
    missed = [
        site
        for site in tour.raise_sites()
        if not any((site.file, line) in reached for line in range(site.first, site.last + 1))
    ]
    keys = {(site.file, site.text) for site in missed}
    assert not [str(site) for site in missed if (site.file, site.text) not in UNREACHED]
    assert not [key for key in UNREACHED if key not in keys], "reached after all, or gone"


# ------------------------------------------------------------------ the ordinary mistakes


def said(program):
    """What a test of one program looks at: the message, the lines of the notes, and the help."""
    error = tour.error_of(program)
    return error.message, [note.text for note in error.notes], error.help or ""


def test_an_unknown_mnemonic_names_the_nearest_one():
    assert said("text/unknown-operator") == (
        "unknown operator i32.ad",
        [],
        "did you mean i32.add?",
    )


@pytest.mark.parametrize(
    ("program", "kind", "near"),
    [
        ("func", "function", "$print_line"),
        ("local", "local", "$count"),
        ("label", "label", "$again"),
        ("type", "type", "$point"),
        ("global", "global", "$counter"),
        ("memory", "memory", "$buffer"),
        ("table", "table", "$handlers"),
        ("elem", "elem segment", "$start"),
        ("data", "data segment", "$greeting"),
        ("module", "module", "$child"),
    ],
)
def test_an_unbound_name_names_the_nearest_one(program, kind, near):
    message, _, help = said(f"text/unknown-name-{program}")
    assert message.startswith(f"unknown {kind} $")
    assert help == f"did you mean {near}?"


@pytest.mark.parametrize(
    ("program", "opened", "line"),
    [
        ("text/unclosed-parenthesis", "(module", 1),
        ("text/unclosed-parenthesis-folded", "(call", 5),
        ("text/unexpected-token-parenthesis-missing", "(func", 2),
    ],
)
def test_a_missing_parenthesis_names_the_one_that_was_opened(program, opened, line):
    error = tour.error_of(program)
    (note,) = error.notes
    assert opened in error.message + note.text
    assert error.source.position(note.span.start)[0] == line
    assert error.source.text[note.span.start :].startswith(opened)
    assert '")"' in error.help


def test_a_wrong_operand_names_the_instruction_that_pushed_it():
    assert said("valid/type-mismatch-mnemonic") == (
        "type mismatch: i32.add wants i32, but got i64",
        ["this `i64.extend_i32_s` pushed the i64"],
        "i32.wrap_i64 makes an i32 of an i64",
    )
    error = tour.error_of("valid/type-mismatch-mnemonic")
    assert error.source.text[error.notes[0].span.start :].startswith("i64.extend_i32_s")


def test_a_result_of_a_block_is_said_to_be_the_blocks():
    assert said("valid/type-mismatch-block")[1] == ["this `if` pushed the i32"]


@pytest.mark.parametrize(
    "program", [p for p in tour.programs() if p.startswith(("valid/type-mis", "valid/operand-m"))]
)
def test_every_wrong_or_missing_operand_has_help(program):
    assert tour.error_of(program).help


@pytest.mark.parametrize("program", [p for p in tour.programs() if p.startswith("link/")])
def test_every_link_error_has_help(program):
    assert tour.error_of(program).help


def test_a_link_error_shows_both_types_and_where_they_differ():
    message, _, help = said("link/incompatible-import")
    assert message.splitlines() == [
        "incompatible import type for `lib` `f`",
        "  wanted (func (param i32 i64) (result i32))",
        "                          ^^^",
        "  given  (func (param i32) (result i32))",
    ]
    assert help
