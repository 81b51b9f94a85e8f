"""Modules and their fields: the methods for their rules in `wat.lark`."""

from __future__ import annotations

from typing import Any

from watloom.interp.core.module import Kind
from watloom.interp.core.source import Span
from watloom.parser import ast, messages
from watloom.parser.ast import Token
from watloom.parser.build_code import CodeBuilder
from watloom.parser.build_types import KINDS, Values, address, bits_or_usual
from watloom.parser.strings import decode_string

__all__ = ["ModuleBuilder", "fields_of", "inline_of"]


class ModuleBuilder(CodeBuilder):
    """The methods for modules and their fields; those for test scripts are added in `script`."""

    # -------------------------------------------------------------- modules

    def module(self, v: Values) -> ast.ModuleNode:
        (_, at), name, fields, _ = v
        return ast.ModuleNode(name, fields_of(fields), at, inline_of(fields))

    def bare_module(self, v: Values) -> ast.ModuleNode:
        first, rest = v
        fields = [first, *(rest or ())]
        return ast.ModuleNode(None, fields_of(fields), 0, inline_of(fields))

    def empty_module(self, v: Values) -> ast.ModuleNode:
        return ast.ModuleNode(None, [], 0)

    def opening_field(self, v: Values) -> Any:
        """A field, together with the inline items that it uses."""
        inline, self.inline = self.inline, []
        return (v[0], inline)

    def field(self, v: Values) -> Any:
        if isinstance(v[0], tuple):
            return v[0]
        inline, self.inline = self.inline, []
        return (v[0], inline)

    def type_decl(self, v: Values) -> ast.TypeNode:
        (_, at), name, subtype, _ = v
        return ast.TypeNode(name, subtype, at)

    def bodyless_type(self, v: Values) -> ast.TypeNode:
        (_, at), name, closing = v
        if not self.features.legacy:
            shown = name[0] if name else "$t"
            raise messages.bodyless_type(Span(at, closing[1] + 1), self.source, name=shown)
        self.warn(at, "a type without a body is that of a function without parameters and results")
        return ast.TypeNode(name, None, at)

    def rec_group(self, v: Values) -> ast.RecNode:
        (_, at), types, _ = v
        return ast.RecNode(types or [], at)

    def import_(self, v: Values) -> ast.ImportNode:
        (_, at), module, name, desc, _ = v
        if name is None:
            self.need_linking(at, "imports with one name")
        return ast.ImportNode(module, name, desc, [], at)

    def func_desc(self, v: Values) -> ast.DescNode:
        (_, at), name, use, _ = v
        return ast.DescNode(Kind.FUNC, name, use, at)

    def tag_desc(self, v: Values) -> ast.DescNode:
        (_, at), name, use, _ = v
        return ast.DescNode(Kind.TAG, name, use, at)

    def plain_desc(self, v: Values) -> ast.DescNode:
        (word, at), name, type_, _ = v
        return ast.DescNode(KINDS[word], name, type_, at)

    def linking_desc(self, v: Values) -> ast.DescNode:
        (word, at), name, desc, _ = v
        self.need_linking(at, "modules and instances in imports")
        kind = KINDS[word]
        return ast.DescNode(kind, name, _linking(kind, desc, at), at)

    def inline_import(self, v: Values) -> tuple[Token, Token | None]:
        (_, at), module, name, _ = v
        if name is None:
            self.need_linking(at, "imports with one name")
        return module, name

    def inline_export(self, v: Values) -> Token:
        name: Token = v[1]
        return name

    def inline_alias(self, v: Values) -> tuple[ast.Index, Token]:
        return v[1], v[2]

    def export(self, v: Values) -> ast.ExportNode:
        (_, at), name, item, _ = v
        kind, index = item
        if isinstance(index, ast.LinkedItem | ast.OuterItem):
            self.inline.append(index)
        return ast.ExportNode(name, kind, index, at)

    def export_all(self, v: Values) -> ast.ExportAllNode:
        (_, at), index, _ = v
        self.need_linking(at, "exports without a name")
        return ast.ExportAllNode(index, at)

    # -------------------------------------------------------------- definitions

    def func(self, v: Values) -> ast.FuncNode:
        (_, at), name, exports, use, locals_, body, (_, end) = v
        return ast.FuncNode(name, exports or [], use, locals_ or [], body, at, end)

    def func_import(self, v: Values) -> ast.ImportNode:
        (_, at), name, exports, (module, item), use, _ = v
        return ast.ImportNode(
            module, item, ast.DescNode(Kind.FUNC, name, use, at), exports or [], at
        )

    def tag_import(self, v: Values) -> ast.ImportNode:
        (_, at), name, exports, (module, item), use, _ = v
        desc = ast.DescNode(Kind.TAG, name, use, at)
        return ast.ImportNode(module, item, desc, exports or [], at)

    def plain_import(self, v: Values) -> ast.ImportNode:
        (word, at), name, exports, (module, item), type_, _ = v
        return ast.ImportNode(
            module, item, ast.DescNode(KINDS[word], name, type_, at), exports or [], at
        )

    def linking_import(self, v: Values) -> ast.ImportNode:
        (word, at), name, exports, (module, item), desc, _ = v
        kind = KINDS[word]
        self.need_linking(at, "modules and instances")
        desc = ast.DescNode(kind, name, _linking(kind, desc, at), at)
        return ast.ImportNode(module, item, desc, exports or [], at)

    def inverted_alias(self, v: Values) -> ast.AliasNode:
        (word, at), name, exports, (instance, item), _ = v
        return ast.AliasNode(KINDS[word], name, instance, item, exports or [], at)

    def table(self, v: Values) -> ast.TableNode:
        (_, at), name, exports, type_, init, _ = v
        return ast.TableNode(name, exports or [], type_, init, None, at)

    def table_elem(self, v: Values) -> ast.TableNode:
        (_, at), name, exports, addr, elem, _, items, _, _ = v
        count = (str(len(items)), at)
        type_ = ast.TableTypeNode(address(addr), count, count, elem)
        return ast.TableNode(name, exports or [], type_, [], items, at)

    def elem_funcs(self, v: Values) -> list[ast.Index]:
        return v[0] or []

    def elem_exprs(self, v: Values) -> list[ast.Code]:
        found: list[ast.Code] = v[0]
        return found

    def memory(self, v: Values) -> ast.MemoryNode:
        (_, at), name, exports, type_, _ = v
        return ast.MemoryNode(name, exports or [], type_, None, at)

    def memory_data(self, v: Values) -> ast.MemoryNode:
        (_, at), name, exports, addr, page_bits, _, strings, _, _ = v
        data = self.bytes_of(strings)
        bits = bits_or_usual(page_bits)
        pages = (str(-(-len(data) >> bits)), at)
        type_ = ast.MemTypeNode(address(addr), pages, pages, page_bits=bits)
        return ast.MemoryNode(name, exports or [], type_, data, at)

    def bytes_of(self, strings: list[Token] | None) -> bytes:
        """The bytes of string tokens, one after the other."""
        return b"".join([decode_string(word, at, self.source) for word, at in strings or ()])

    def global_(self, v: Values) -> ast.GlobalNode:
        (_, at), name, exports, type_, init, _ = v
        return ast.GlobalNode(name, exports or [], type_, init, at)

    def tag(self, v: Values) -> ast.TagNode:
        (_, at), name, exports, use, _ = v
        return ast.TagNode(name, exports or [], use, at)

    def start(self, v: Values) -> ast.StartNode:
        (_, at), func, _ = v
        return ast.StartNode(func, at)

    def passive_elem(self, v: Values) -> ast.ElemNode:
        (_, at), name, (type_, items), _ = v
        return ast.ElemNode(name, type_, items, ast.PassiveNode(), at)

    def declared_elem(self, v: Values) -> ast.ElemNode:
        (_, at), name, _, (type_, items), _ = v
        return ast.ElemNode(name, type_, items, ast.DeclaredNode(), at)

    def active_elem(self, v: Values) -> ast.ElemNode:
        (_, at), name, target, offset, (type_, items), _ = v
        return ast.ElemNode(name, type_, items, ast.ActiveNode(self.target(target), offset), at)

    def active_funcs(self, v: Values) -> ast.ElemNode:
        (_, at), name, offset, items, _ = v
        return ast.ElemNode(name, None, items or [], ast.ActiveNode(None, offset), at)

    def numbered_elem(self, v: Values) -> ast.ElemNode:
        (_, at), table, offset, items, _ = v
        return ast.ElemNode(None, None, items or [], ast.ActiveNode(table, offset), at)

    def numbered_data(self, v: Values) -> ast.DataNode:
        (_, at), memory, offset, strings, _ = v
        return ast.DataNode(None, self.bytes_of(strings), ast.ActiveNode(memory, offset), at)

    def target(self, item: tuple[Kind, ast.Index] | None) -> ast.Index | None:
        """The table or memory of a segment."""
        if item is None:
            return None
        if not isinstance(item[1], tuple):
            self.inline.append(item[1])
        return item[1]

    def elem_list_funcs(self, v: Values) -> tuple[None, list[ast.Index]]:
        return None, v[1] or []

    def elem_list_exprs(self, v: Values) -> tuple[ast.ValNode, list[ast.Code]]:
        return v[0], v[1] or []

    def parenthesised(self, v: Values) -> ast.Code:
        body: ast.Code = v[1]
        return body

    def single_expr(self, v: Values) -> ast.Code:
        return self.body(v)

    def passive_data(self, v: Values) -> ast.DataNode:
        (_, at), name, strings, _ = v
        return ast.DataNode(name, self.bytes_of(strings), ast.PassiveNode(), at)

    def active_data(self, v: Values) -> ast.DataNode:
        (_, at), name, target, offset, strings, _ = v
        mode = ast.ActiveNode(self.target(target), offset)
        return ast.DataNode(name, self.bytes_of(strings), mode, at)

    # -------------------------------------------------------------- module linking

    def nested_module(self, v: Values) -> ast.NestedNode:
        (_, at), name, exports, fields, _ = v
        self.need_linking(at, "nested modules")
        return ast.NestedNode(
            ast.ModuleNode(name, fields_of(fields), at, inline_of(fields)), exports or [], at
        )

    def inverted_module_alias(self, v: Values) -> ast.OuterAliasNode:
        (_, at), name, exports, _, _, module, item, _, _ = v
        outer = ast.OuterItem(Kind.MODULE, module, item, at)
        return ast.OuterAliasNode(Kind.MODULE, name, outer, exports or [], at)

    def inverted_type_alias(self, v: Values) -> ast.OuterAliasNode:
        (_, at), name, _, _, module, item, _, _ = v
        return ast.OuterAliasNode(
            Kind.TYPE, name, ast.OuterItem(Kind.TYPE, module, item, at), [], at
        )

    def instance(self, v: Values) -> ast.InstanceNode:
        (_, at), name, exports, _, module, args, _, _ = v
        return ast.InstanceNode(name, exports or [], module, args or [], at)

    def argument(self, v: Values) -> ast.ArgumentNode:
        (_, at), name, (kind, index), _ = v
        if not isinstance(index, tuple):
            self.inline.append(index)
        return ast.ArgumentNode(name, kind, index, at)

    def alias(self, v: Values) -> ast.AliasNode:
        (_, at), instance, item, (word, kind_at), name, _, _ = v
        kind = KINDS[word]
        if kind is Kind.TYPE:
            raise messages.type_of_instance(kind_at, self.source)
        return ast.AliasNode(kind, name, instance, item, [], at)

    def outer_alias(self, v: Values) -> ast.OuterAliasNode:
        (_, at), _, module, item, (word, kind_at), name, _, _ = v
        kind = KINDS[word]
        if kind not in (Kind.TYPE, Kind.MODULE):
            raise messages.outer_kind(kind_at, self.source, kind=kind)
        return ast.OuterAliasNode(kind, name, ast.OuterItem(kind, module, item, at), [], at)

    def module_type_def(self, v: Values) -> ast.TypeNode:
        (_, at), name, (_, inner), decls, _, _ = v
        self.need_linking(inner, "module types")
        return ast.TypeNode(name, _body(Kind.MODULE, decls, inner), at)

    def instance_type_def(self, v: Values) -> ast.TypeNode:
        (_, at), name, (_, inner), decls, _, _ = v
        return ast.TypeNode(name, _body(Kind.INSTANCE, decls, inner), at)

    def desc_use(self, v: Values) -> ast.Index:
        return self.inline_type(v[0][1])

    def desc_body(self, v: Values) -> list[Any]:
        return v[0] or []

    def decl(self, v: Values) -> Any:
        """A declaration, together with the outer types that it uses."""
        inline, self.inline = self.inline, []
        return (v[0], inline)

    def func_import_decl(self, v: Values) -> ast.ImportNode:
        (_, at), name, (module, item), use, _ = v
        return ast.ImportNode(module, item, ast.DescNode(Kind.FUNC, name, use, at), [], at)

    def tag_import_decl(self, v: Values) -> ast.ImportNode:
        (_, at), name, (module, item), use, _ = v
        return ast.ImportNode(module, item, ast.DescNode(Kind.TAG, name, use, at), [], at)

    def plain_import_decl(self, v: Values) -> ast.ImportNode:
        (word, at), name, (module, item), type_, _ = v
        return ast.ImportNode(module, item, ast.DescNode(KINDS[word], name, type_, at), [], at)

    def linking_import_decl(self, v: Values) -> ast.ImportNode:
        (word, at), name, (module, item), desc, _ = v
        kind = KINDS[word]
        made = ast.DescNode(kind, name, _linking(kind, desc, at), at)
        return ast.ImportNode(module, item, made, [], at)

    def func_export_decl(self, v: Values) -> ast.TypeExportNode:
        (_, at), name, export, use, _ = v
        return ast.TypeExportNode(export, ast.DescNode(Kind.FUNC, name, use, at), None, at)

    def tag_export_decl(self, v: Values) -> ast.TypeExportNode:
        (_, at), name, export, use, _ = v
        return ast.TypeExportNode(export, ast.DescNode(Kind.TAG, name, use, at), None, at)

    def plain_export_decl(self, v: Values) -> ast.TypeExportNode:
        (word, at), name, export, type_, _ = v
        return ast.TypeExportNode(export, ast.DescNode(KINDS[word], name, type_, at), None, at)

    def linking_export_decl(self, v: Values) -> ast.TypeExportNode:
        (word, at), name, export, desc, _ = v
        kind = KINDS[word]
        made = ast.DescNode(kind, name, _linking(kind, desc, at), at)
        return ast.TypeExportNode(export, made, None, at)

    def type_export(self, v: Values) -> ast.TypeExportNode:
        (_, at), name, desc, _ = v
        return ast.TypeExportNode(name, desc, None, at)

    def type_export_all(self, v: Values) -> ast.TypeExportNode:
        (_, at), index, _ = v
        return ast.TypeExportNode(None, None, index, at)


def fields_of(pairs: list[tuple[Any, Any]] | None) -> list[Any]:
    """The fields or declarations of a list, without their inline items."""
    return [field for field, _ in pairs or ()]


def inline_of(
    pairs: list[tuple[Any, list[Any]]] | None,
) -> dict[int, list[ast.LinkedItem | ast.OuterItem]]:
    """The inline items of a list of fields or declarations, by number."""
    return {number: inline for number, (_, inline) in enumerate(pairs or ()) if inline}


def _linking(kind: Kind, desc: Any, at: int) -> ast.LinkingDesc:
    return ast.LinkingDesc(kind, _body(kind, desc, at) if isinstance(desc, list) else desc)


def _body(kind: Kind, decls: list[Any] | None, at: int) -> ast.LinkingType:
    return ast.LinkingType(kind, fields_of(decls), at, inline_of(decls))
