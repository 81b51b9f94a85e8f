"""Rules: how an expression of a type, or a statement, can be made.

A rule is a function with a decorator, in a file of `differential.rules`; it belongs to a family,
which can be switched off, and may give None where it does not apply just now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from differential.types import Ref, Type, is_number

if TYPE_CHECKING:
    from differential.body import Body
    from differential.plan import Plan

__all__ = [
    "EXPRESSIONS", "STATEMENTS", "Expression", "Statement", "always", "any_number", "any_ref",
    "any_type", "expression", "of", "statement",
]  # fmt: skip

Gives: TypeAlias = "Callable[[Plan, Type], bool]"
Needs: TypeAlias = "Callable[[Plan], bool]"


@dataclass(frozen=True, slots=True)
class Expression:
    """Makes the text of instructions that push one value of a type."""

    family: str
    weight: float
    gives: Gives
    make: Callable[[Body, Type], str | None]


@dataclass(frozen=True, slots=True)
class Statement:
    """Makes the text of instructions that leave the stack as it was."""

    family: str
    weight: float
    needs: Needs
    make: Callable[[Body], str | None]


EXPRESSIONS: list[Expression] = []
STATEMENTS: list[Statement] = []


def any_type(plan: Plan, t: Type) -> bool:
    """For expressions of every type."""
    return True


def any_number(plan: Plan, t: Type) -> bool:
    """For numbers only."""
    return is_number(t)


def any_ref(plan: Plan, t: Type) -> bool:
    """For references only."""
    return isinstance(t, Ref)


def of(*types: Type) -> Gives:
    """For these types only."""
    return lambda plan, t: t in types


def always(plan: Plan) -> bool:
    """For statements that every module can have."""
    return True


def expression(
    family: str, weight: float, gives: Gives = any_type
) -> Callable[[Callable[[Body, Type], str | None]], Callable[[Body, Type], str | None]]:
    """Declare a rule for expressions."""

    def declare(make: Callable[[Body, Type], str | None]) -> Callable[[Body, Type], str | None]:
        EXPRESSIONS.append(Expression(family, weight, gives, make))
        return make

    return declare


def statement(
    family: str, weight: float, needs: Needs = always
) -> Callable[[Callable[[Body], str | None]], Callable[[Body], str | None]]:
    """Declare a rule for statements."""

    def declare(make: Callable[[Body], str | None]) -> Callable[[Body], str | None]:
        STATEMENTS.append(Statement(family, weight, needs, make))
        return make

    return declare
