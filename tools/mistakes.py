"""The mistakes that are made in one place of a program, one at a time."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

#: Each comparison, the one that differs where both sides are equal, and its opposite.
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
#: Functions that hand back their first argument, changed; and pairs that are easily confused.
_CHANGING = {"abs", "reversed", "sorted"}
_CONFUSED = {"any": "all", "all": "any", "min": "max", "max": "min"}


@dataclass(frozen=True, slots=True)
class Change:
    """A mistake: what stands instead of a node, and how to call that."""

    node: ast.AST
    text: str


def mistakes(node: ast.AST, *, is_condition: bool, is_table: bool) -> Iterator[Change]:
    """Return what can be written wrong here.

    :param is_condition: whether it decides which way is gone.
    :param is_table: whether the entries of a tuple or a list are told, not computed with.
    """
    if is_condition and isinstance(node, ast.expr):
        yield from _of_condition(node)
    if is_table and isinstance(node, ast.Tuple | ast.List):
        yield from _of_table(node)
    elif type(node) in _MISTAKES:
        yield from _MISTAKES[type(node)](node)


def _instead(node: ast.AST, *others: ast.AST) -> Iterator[Change]:
    for other in others:
        text = f"{short(node)} → {short(ast.copy_location(other, node))}"
        yield Change(other, text)


def _without(node: ast.AST, rest: ast.AST) -> Change:
    return Change(rest, f"without {short(node)}")


def short(node: ast.AST) -> str:
    """Return what a node says, in one line of at most about a hundred characters."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else f"{text[:58]} … {text[-40:]}"


def _of_condition(node: ast.expr) -> Iterator[Change]:
    """Go always the one way, always the other, or the wrong one."""
    yield from _instead(node, ast.Constant(value=True), ast.Constant(value=False))
    if not isinstance(node, ast.Compare | ast.UnaryOp):  # theirs are made where all are
        yield from _instead(node, ast.UnaryOp(ast.Not(), node))


def _of_compare(node: ast.Compare) -> Iterator[Change]:
    for index, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
            yield from _instead(node, ast.Compare(node.left, ops, node.comparators))
    left, right = node.left, node.comparators[0]
    if isinstance(left, ast.Tuple) and isinstance(right, ast.Tuple):
        for index, (one, other_one) in enumerate(zip(left.elts, right.elts, strict=True)):
            less, less_too = (
                ast.Tuple([*each.elts[:index], *each.elts[index + 1 :]], ast.Load())
                for each in (left, right)
            )
            text = f"without comparing {short(one)} with {short(other_one)}"
            yield Change(ast.Compare(less, node.ops, [less_too]), text)


def _of_binary(node: ast.BinOp) -> Iterator[Change]:
    yield from _instead(node, ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right))


def _of_boolean(node: ast.BoolOp) -> Iterator[Change]:
    other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
    yield from _instead(node, ast.BoolOp(other, node.values))
    for index in range(len(node.values)):
        rest = node.values[:index] + node.values[index + 1 :]
        yield from _instead(node, rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest))


def _of_unary(node: ast.UnaryOp) -> Iterator[Change]:
    yield from _instead(node, node.operand)


def _of_constant(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield from _instead(node, ast.Constant(not value))
    elif isinstance(value, int):
        yield from _instead(node, ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, str):
        yield from _instead(node, ast.Constant(f"{value}x"))


def _of_table(node: ast.Tuple | ast.List) -> Iterator[Change]:
    """Forget one of several. Their order is no rule."""
    for index, each in enumerate(node.elts):
        rest = node.elts[:index] + node.elts[index + 1 :]
        yield _without(each, type(node)(rest, ast.Load()))


def _of_set(node: ast.Set) -> Iterator[Change]:
    for index, each in enumerate(node.elts):
        yield _without(each, ast.Set(node.elts[:index] + node.elts[index + 1 :]))


def _of_list(node: ast.List) -> Iterator[Change]:
    if isinstance(node.ctx, ast.Load):
        yield from _of_table(node)
        yield from _of_tuple(node)


def _of_tuple(node: ast.Tuple | ast.List) -> Iterator[Change]:
    """Confuse two neighbours. One less would be found by any test that unpacks it."""
    if isinstance(node.ctx, ast.Load):
        for swapped, text in _swapped(node.elts):
            yield Change(type(node)(swapped, ast.Load()), text)


def _of_call(node: ast.Call) -> Iterator[Change]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in _CHANGING:
        yield from _instead(node, node.args[0])
    if name in _CONFUSED:
        other = ast.Name(_CONFUSED[name], ast.Load())
        yield from _instead(node, ast.Call(other, node.args, node.keywords))
    for args, text in _swapped(node.args):
        yield Change(ast.Call(node.func, args, node.keywords), text)
    for index, keyword in enumerate(node.keywords):
        rest = node.keywords[:index] + node.keywords[index + 1 :]
        yield _without(keyword, ast.Call(node.func, node.args, rest))
    for values, text in _swapped([keyword.value for keyword in node.keywords]):
        pairs = zip(node.keywords, values, strict=True)
        keywords = [ast.keyword(keyword.arg, value) for keyword, value in pairs]
        yield Change(ast.Call(node.func, node.args, keywords), text)


def _swapped(values: list[ast.expr]) -> Iterator[tuple[list[ast.expr], str]]:
    for index in range(len(values) - 1):
        one, other = values[index : index + 2]
        if ast.dump(one) != ast.dump(other) and not isinstance(other, ast.Starred):
            text = f"{short(one)} ↔ {short(other)}"
            yield [*values[:index], other, one, *values[index + 2 :]], text


def _of_return(node: ast.Return) -> Iterator[Change]:
    if node.value is None:
        yield _without(node, ast.Pass())
    elif ast.unparse(node.value) != "None":
        yield from _instead(node, ast.Return(ast.Constant(None)))


def _of_statement(node: ast.stmt) -> Iterator[Change]:
    yield _without(node, ast.Pass())


def _of_assignment(node: ast.Assign) -> Iterator[Change]:
    """Forget what is kept. A name that was never given would be found by any test."""
    if any(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
        yield _without(node, ast.Pass())


def _of_augmented(node: ast.AugAssign) -> Iterator[Change]:
    other = ast.AugAssign(node.target, _OPERATORS[type(node.op)](), node.value)
    yield from _instead(node, other, ast.Assign([node.target], node.value))
    yield _without(node, ast.Pass())


def _of_loop(node: ast.For) -> Iterator[Change]:
    nothing = ast.For(node.target, ast.Tuple([], ast.Load()), node.body, node.orelse)
    yield Change(nothing, f"never for {short(node.target)} in {short(node.iter)}")


def _of_with(node: ast.With) -> Iterator[Change]:
    text = f"without with {', '.join(short(each) for each in node.items)}"
    yield Change(ast.If(ast.Constant(value=True), node.body, []), text)


def _of_function(node: ast.FunctionDef) -> Iterator[Change]:
    for index, decorator in enumerate(node.decorator_list):
        rest = node.decorator_list[:index] + node.decorator_list[index + 1 :]
        bare = ast.FunctionDef(**dict(ast.iter_fields(node)) | {"decorator_list": rest})
        yield Change(bare, f"{node.name} without @{short(decorator)}")


_MISTAKES: dict[type, Callable[..., Iterator[Change]]] = {
    ast.Compare: _of_compare,
    ast.BinOp: _of_binary,
    ast.BoolOp: _of_boolean,
    ast.UnaryOp: _of_unary,
    ast.Constant: _of_constant,
    ast.Set: _of_set,
    ast.List: _of_list,
    ast.Tuple: _of_tuple,
    ast.Call: _of_call,
    ast.Return: _of_return,
    ast.Expr: _of_statement,
    ast.Raise: _of_statement,
    ast.Delete: _of_statement,
    ast.Continue: _of_statement,
    ast.Break: _of_statement,
    ast.Assign: _of_assignment,
    ast.AugAssign: _of_augmented,
    ast.For: _of_loop,
    ast.With: _of_with,
    ast.FunctionDef: _of_function,
}
