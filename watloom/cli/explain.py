"""`watloom explain`: one instruction."""

from __future__ import annotations

import textwrap

import click

from watloom.interp.core.messages import nearest
from watloom.interp.isa.explain import Explanation, explain, mnemonics
from watloom.parser.keywords import STRUCTURE, WORDS, obsolete_mnemonics


@click.command("explain", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--example", is_flag=True, help="Only the example, as a module that exports it.")
@click.argument("name")
def command(example: bool, name: str) -> int:
    """Explain the instruction NAME: syntax, opcode, typing, meaning, the spec's rule, an example.

    `watloom explain --example NAME | watloom run --invoke example -` runs the example.
    """
    try:
        found = explain(name)
    except KeyError:
        raise click.UsageError(_unknown(name)) from None
    click.echo(found.module if example else _told(found))
    return 0


def _told(e: Explanation) -> str:
    parts = [
        ("syntax", e.syntax),
        ("opcode", [opcode.hex(" ") for opcode in e.opcodes]),
        ("typing", [e.typing]),
        ("meaning", e.meaning),
        ("rule", [e.rule.name, e.rule.url]),
        ("example", [*textwrap.wrap(e.code, 78, break_on_hyphens=False), f"gives {e.gives}"]),
    ]
    option = f" --proposal +{e.proposal}" if e.proposal else ""
    how = f"watloom explain --example {e.mnemonic} | watloom run{option} --invoke example -"
    parts.append(("run it", [how]))
    if e.proposal:
        parts.insert(0, ("proposal", [f"{e.proposal} (--proposal +{e.proposal})"]))
    lines = [e.mnemonic]
    for word, texts in parts:
        for i, text in enumerate(texts):
            lines.append(f"  {word if i == 0 else '':10}{text}")
    return "\n".join(lines)


#: Words that stand in an instruction and are none, and what they belong to.
_PARTS = {
    "then": "if",
    **dict.fromkeys(("catch_ref", "catch_all_ref"), "try_table"),
    "do": "try",
    "offset": "i32.load",
    "align": "i32.load",
    "param": "block",
    "result": "block",
}


def _unknown(name: str) -> str:
    """What is wrong with a name that is no instruction's, and what was probably meant."""
    if not name.strip():
        return "name an instruction, such as i32.add"
    today = obsolete_mnemonics().get(name)
    if today:
        return f"{name} is an old spelling of {today}: see `watloom explain {today}`"
    if name in _PARTS:
        whole = _PARTS[name]
        return f"{name!r} is no instruction, but a part of some, such as {whole}"
    if name in STRUCTURE or name in WORDS:
        return f"{name!r} is a word of the text format, and no instruction"
    known = mnemonics()
    if name.lower() in known:
        return (
            f"there is no instruction {name!r}: names are lower case; did you mean {name.lower()}?"
        )
    inside = [m for m in known if name in m]
    near = sorted(inside, key=len)[:5] or [m for m in [nearest(name, known)] if m]
    help = f"; did you mean {', '.join(near)}?" if near else ""
    return f"there is no instruction {name!r}{help}"
