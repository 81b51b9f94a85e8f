"""Annotations as objects, whether they were written as such or are strings by now."""

from __future__ import annotations

import sys
from typing import Any, get_type_hints

from watloom.interp.core.errors import DefinitionError
from watloom.interp.core.messages import nearest
from watloom.interp.host import messages

__all__ = ["hints_of"]


def hints_of(owner: Any, around: dict[str, Any], where: str) -> dict[str, Any]:
    """The annotations of a function or a class; `around` are the names where it was defined.

    Raises DefinitionError where one cannot be evaluated; `where` names the owner.
    """
    module = sys.modules.get(getattr(owner, "__module__", ""), None)
    own = getattr(owner, "__globals__", None) or getattr(module, "__dict__", {})
    try:
        # a class's bases are looked at where each of them was defined
        globals = None if isinstance(owner, type) else own
        return get_type_hints(owner, globals, around, include_extras=True)
    except NameError as error:
        name = str(error.name)
        near = nearest(name, [*around, *own])
        help = f"did you mean `{near}`?" if near else "define or import it above the class"
        raise messages.annotation(
            where=where, why=f"`{name}` is not defined where the class is", help=help
        ) from None
    except DefinitionError as error:
        raise messages.annotation(where=where, why=error.message, help=error.help) from None
    except (TypeError, SyntaxError, AttributeError) as error:
        raise messages.annotation(
            where=where, why=f"an annotation is wrong: {error}", help="see watloom.host"
        ) from None
