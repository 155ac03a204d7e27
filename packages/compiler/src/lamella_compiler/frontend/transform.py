"""Transformation of statements: bodies of control flow become functions that share the variables around them."""

from __future__ import annotations

import ast
from inspect import CO_OPTIMIZED
from types import CodeType
from typing import Any, TypeAlias

from lamella_compiler.frontend.expressions import RUNTIME, Expressions, Scope, as_target
from lamella_compiler.frontend.jumps import Guard, StoppableFor, lower
from lamella_compiler.frontend.liveness import Liveness
from lamella_compiler.frontend.nodes import at
from lamella_compiler.frontend.scopes import declared, parameters, uses, yields
from lamella_compiler.frontend.source import Function

Block: TypeAlias = "list[ast.stmt]"

_OPERATORS = {
    ast.Add: "iadd", ast.Sub: "isub", ast.Mult: "imul", ast.Div: "itruediv", ast.FloorDiv: "ifloordiv",
    ast.Mod: "imod", ast.Pow: "ipow", ast.MatMult: "imatmul", ast.BitAnd: "iand", ast.BitOr: "ior",
    ast.BitXor: "ixor", ast.LShift: "ilshift", ast.RShift: "irshift",
}  # fmt: skip


def transformed(node: Function, code: CodeType, names: dict[str, Any]) -> CodeType:
    """The code of a function in which control flow, calls and reads go through the runtime.

    Args:
        node: its syntax tree, which is used up.
        code: its code as Python compiled it.
        names: the names of its module.

    Returns:
        Code with the same parameters. Its free variables are some of `code`'s, and `RUNTIME`.
    """
    owner = _owner(code)
    free = frozenset(code.co_freevars)
    function = Statements(free, names, owner, code).function(node)
    function.args.defaults, function.decorator_list = [], []  # the function object has them
    function.args.kw_defaults = [None for _ in function.args.kwonlyargs]
    module = ast.Module([_around(function, free, owner)], [])
    compiled = compile(module, code.co_filename, "exec", flags=code.co_flags & _FUTURE, dont_inherit=True)
    for _ in range(2 if owner is None else 3):  # the function around it, its class, itself
        compiled = next(constant for constant in compiled.co_consts if isinstance(constant, CodeType))
    return _named(compiled, code.co_name, code.co_qualname)


_FUTURE = 0x1FF0000  # the bits of code flags that `from __future__ import …` sets


def _owner(code: CodeType) -> str | None:
    """The innermost class in whose body a function stands, from its qualified name."""
    parts = code.co_qualname.split(".")
    for position in range(len(parts) - 2, -1, -1):
        if parts[position] != "<locals>" and parts[position + 1] != "<locals>":
            return parts[position]
    return None


def _around(function: ast.FunctionDef, free: frozenset[str], owner: str | None) -> ast.stmt:
    """A function around it, and its class, so that Python finds its free variables and private names as it did."""
    inner: ast.ClassDef | ast.FunctionDef = function
    if owner is not None:
        inner = ast.ClassDef(name=owner, bases=[], keywords=[], body=[function], decorator_list=[])
    # What is defined here binds its name here; where the name was none of a function around, it is the module's.
    known: Block = [] if inner.name in free else [ast.Global([inner.name])]
    outer = [*sorted(free - {"__class__", inner.name}), RUNTIME, *([] if owner else ["__class__"])]
    known.append(ast.Assign([ast.Name(name, ast.Store()) for name in outer], ast.Constant(None)))
    return at(_definition("lamella_around", [], [*known, inner]), function)


def _named(code: CodeType, name: str, qualified: str) -> CodeType:
    """The code under a name, and what is in it accordingly; bodies of control flow have their function's name."""
    within = f"{qualified}.<locals>" if code.co_flags & CO_OPTIMIZED else qualified  # of a function, of a class
    constants: list[Any] = []
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            own = constant.co_name
            part = (name, qualified) if own.startswith(RUNTIME) else (own, f"{within}.{own}")
            constants.append(_named(constant, *part))
        else:  # the body of a class holds its qualified name
            constants.append(qualified if within == qualified and constant == code.co_qualname else constant)
    return code.replace(co_name=name, co_qualname=qualified, co_consts=tuple(constants))


def _definition(name: str, parameters: list[str], body: Block) -> ast.FunctionDef:
    arguments = ast.arguments([], [ast.arg(name) for name in parameters], None, [], [], None, [])
    return ast.FunctionDef(name=name, args=arguments, body=body, decorator_list=[])


class Statements(Expressions):
    """Transforms functions.

    Args:
        free: the variables of functions around it that are not transformed.
        names: the names of its module.
        owner: the class in whose body it stands; None if in none.
        code: its code.
    """

    def __init__(self, free: frozenset[str], names: dict[str, Any], owner: str | None, code: CodeType) -> None:
        super().__init__(free, names, owner)
        self._code = code
        self._live = Liveness([])
        self._globals: set[str] = set()
        self._nonlocals: set[str] = set()
        self._rebound: set[str] = set()
        self._lowers = True

    # -- functions --

    def function(self, node: Function) -> ast.FunctionDef:
        """A function; its parameters' defaults and its decorators are left to the scope around it."""
        if isinstance(node, ast.Lambda):
            body: Block = [at(ast.Return(node.body), node.body)]
            node = at(ast.FunctionDef(name="lamella_lambda", args=node.args, body=body, decorator_list=[]), node)
        outside = self.scope, self._live, self._globals, self._nonlocals, self._rebound, self._lowers, self._inner
        self._nonlocals = nonlocals = declared(node.body, ast.Nonlocal)
        self._globals = declared(node.body, ast.Global)
        self._lowers = not yields(node.body)
        body = node.body
        if self._lowers:
            body = lower(body, self._code.co_filename, node.name)
        given = parameters(node.args)
        self._live = Liveness(body if self._lowers else [], nonlocals | self._globals)
        variables = (set(self._live.binds) if self._lowers else uses(body).binds) - self._globals - nonlocals
        self.scope = Scope(outside[0], variables | set(given), given[0] if given else None)
        self._rebound = self._live.rebound & (variables | set(given) | nonlocals)
        self._inner = []
        done = self._block(body)
        start: Block = []
        if self._globals:
            start.append(ast.Global(sorted(self._globals)))
        if nonlocals:
            start.append(ast.Nonlocal(sorted(nonlocals)))
        if variables:  # bodies of control flow declare them nonlocal: somewhere they must be bound
            names: list[ast.expr] = [ast.Name(name, ast.Store()) for name in sorted(variables)]
            start.append(ast.If(ast.Constant(False), [ast.Assign(names, ast.Constant(None))], []))
        start += [self._binder(name) for name in sorted(self.scope.binders)]
        node.body = [*(at(statement, node.body[0]) for statement in start), *done]
        node.returns = None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        self.scope, self._live, self._globals, self._nonlocals, self._rebound, self._lowers, self._inner = outside
        return node

    def _binder(self, name: str) -> ast.stmt:
        kind = ast.Global if name in self._globals else ast.Nonlocal
        value = ast.Name("lamella_value", ast.Load())
        body: Block = [kind([name]), ast.Assign([ast.Name(name, ast.Store())], value), ast.Return(value)]
        return _definition(f"{RUNTIME}set_{name}", ["lamella_value"], body)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        self.defaults(node)
        return self.function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        node.bases = [self.visit(base) for base in node.bases]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        outside, self.owner = self.owner, node.name
        node.body = [self.function(s) if isinstance(s, ast.FunctionDef) else s for s in node.body]
        self.owner = outside
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node

    # -- control flow --

    def _block(self, statements: Block) -> Block:
        done: Block = []
        for statement in statements:
            if (self._globals or self._nonlocals) and not hasattr(statement, "body"):
                bound = uses([statement]).binds
                for function, names in (("changes", self._globals), ("changes_variable", self._nonlocals & self._free)):
                    changed = sorted(map(self.mangled, bound & names))
                    done += [self._statement(function, statement, ast.Constant(name)) for name in changed]
            result = self.visit(statement)
            done += result if isinstance(result, list) else [result]
        return done or [at(ast.Pass(), statement) for statement in statements[:1]]

    def _body(self, name: str, names: set[str], statements: Block, place: ast.AST, item: bool = False) -> ast.stmt:
        """The function that a body of control flow becomes."""
        start: Block = [ast.Nonlocal(sorted(names))] if names else []
        start += [ast.Global(sorted(self._globals))] if self._globals else []
        parameters = ["lamella_item"] if item else []
        return at(_definition(f"{RUNTIME}{name}", parameters, [*start, *statements] or [ast.Pass()]), place)

    def _tuple(self, names: set[str]) -> ast.expr:
        return ast.Tuple([ast.Constant(self.mangled(name)) for name in sorted(names)], ast.Load())

    def visit_If(self, node: ast.If) -> Any:
        if not self._lowers:
            return self.generic_visit(node)
        names = self._live.bound([node]) - self._globals | self._rebound
        if isinstance(node, Guard):
            names.add(node.variable)
        live = names & self._live.after[node]
        listed = self._tuple(names), self._tuple(live)
        test = node.test if isinstance(node, Guard) else self.visit(node.test)
        then = self._body("then", names, self._block(node.body), node)
        if isinstance(node, Guard):
            flag = ast.Name(node.variable, ast.Load())
            variable = ast.Constant(node.variable)
            return [then, self._statement("guard", node, flag, variable, _local("then"), *listed)]
        if not node.orelse:
            return [then, self._statement("if_", node, test, _local("then"), ast.Constant(None), *listed)]
        orelse = self._body("else", names, self._block(node.orelse), node)
        return [then, orelse, self._statement("if_", node, test, _local("then"), _local("else"), *listed)]

    def visit_While(self, node: ast.While) -> Any:
        if not self._lowers:
            return self.generic_visit(node)
        names = self._live.bound([node]) - self._globals | self._rebound
        head, after = self._live.head[node], self._live.after[node]
        listed = self._tuple(names), self._tuple(names & head), self._tuple(names & after)
        result: Block = [at(ast.Return(self.visit(node.test)), node.test)]
        test = self._body("test", names, result, node)
        body = self._body("body", names, self._block(node.body), node)
        return [test, body, self._statement("while_", node, _local("test"), _local("body"), *listed)]

    def visit_For(self, node: ast.For) -> Any:
        if not self._lowers:
            return self.generic_visit(node)
        stop = {node.stop} if isinstance(node, StoppableFor) else set()
        names = self._live.bound([node]) - self._globals | self._rebound | stop
        head, after = self._live.head[node], self._live.after[node]
        listed = self._tuple(names), self._tuple(names & head), self._tuple(names & after)
        items = self.visit(node.iter)
        first = at(ast.Assign([node.target], ast.Name("lamella_item", ast.Load())), node.target)
        body = self._body("body", names, self._block([first, *node.body]), node, item=True)
        stops = ast.Constant(node.stop if isinstance(node, StoppableFor) else None)
        return [body, self._statement("for_", node, items, _local("body"), *listed, stops)]

    visit_StoppableFor = visit_For
    visit_Guard = visit_If

    def _statement(self, function: str, place: ast.AST, *args: ast.expr) -> ast.stmt:
        return at(ast.Expr(self.call(function, place, *args)), place)

    def _blocks(self, node: Any) -> Any:
        """A statement that stays as it is, around blocks that are transformed."""
        for field, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, field, self._block(value))
            elif isinstance(value, list):
                setattr(node, field, [self.visit(item) for item in value])
            elif isinstance(value, ast.AST):
                setattr(node, field, self.visit(value))
        return node

    visit_With = visit_Try = visit_TryStar = _blocks

    def visit_Match(self, node: ast.Match) -> Any:
        self._blocks(node)
        node.subject = self.call("looked_at", node.subject, node.subject)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        node.type = node.type and self.visit(node.type)
        node.body = [self._statement("caught", node), *self._block(node.body)]
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.guard = node.guard and self.visit(node.guard)
        node.body = self._block(node.body)
        return node

    # -- simple statements --

    def visit_Global(self, node: ast.Global) -> Any:
        return []  # at the start of the function

    def visit_Nonlocal(self, node: ast.Nonlocal) -> Any:
        return []

    def visit_Assert(self, node: ast.Assert) -> Any:
        if not __debug__:  # Python leaves asserts out, so does this
            return []
        message = ast.Constant(None) if node.msg is None else self._thunk(node.msg)
        return self._statement("assert_", node, self.visit(node.test), message)

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        if node.exc is not None:
            node.exc = self.call("raised", node, self.visit(node.exc))
        node.cause = node.cause and self.visit(node.cause)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return []
        return self.visit(at(ast.Assign([node.target], node.value), node))

    def visit_Assign(self, node: ast.Assign) -> Any:
        value = self.visit(node.value)
        if all(isinstance(target, ast.Name) for target in node.targets):
            node.value = value
            return node
        if len(node.targets) == 1 and isinstance(node.targets[0], (ast.Attribute, ast.Subscript)):
            return self._store(node.targets[0], value)
        # Several targets, or targets in targets: Python assigns to names, from which the others get their values.
        later: Block = []
        node.targets = [self._target(target, later) for target in node.targets]
        node.value = value
        return [node, *later]

    def _target(self, target: ast.expr, later: Block) -> ast.expr:
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            name = f"lamella_part_{len(later)}"
            later.append(self._store(target, ast.Name(name, ast.Load())))
            return at(ast.Name(name, ast.Store()), target)
        if isinstance(target, (ast.Tuple, ast.List)):
            target.elts = [self._target(part, later) for part in target.elts]
        elif isinstance(target, ast.Starred):
            target.value = self._target(target.value, later)
        return target

    def _store(self, target: ast.Attribute | ast.Subscript, value: ast.expr) -> ast.stmt:
        holder = self.visit(target.value)
        if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
            as_target(holder)
        if isinstance(target, ast.Attribute):
            return self._statement("store_attr", target, value, holder, ast.Constant(self.mangled(target.attr)))
        return self._statement("store_item", target, value, holder, self.key(target.slice))

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        sign = ast.Constant(_OPERATORS[type(node.op)])
        if isinstance(node.target, ast.Name):
            value = self.visit(node.value)
            old = self.visit(at(ast.Name(node.target.id, ast.Load()), node.target))
            return at(ast.Assign([node.target], self.call("in_place", node, sign, old, value)), node)
        holder = self.visit(node.target.value)
        if isinstance(node.target, ast.Attribute):
            name = ast.Constant(self.mangled(node.target.attr))
            return self._statement("change_attr", node, holder, name, sign, self._thunk(node.value))
        key = self.key(node.target.slice)
        return self._statement("change_item", node, holder, key, sign, self._thunk(node.value))

    def visit_Delete(self, node: ast.Delete) -> Any:
        done: Block = []
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                name = ast.Constant(self.mangled(target.attr))
                done.append(self._statement("del_attr", target, self.visit(target.value), name))
            elif isinstance(target, ast.Subscript):
                done.append(self._statement("del_item", target, self.visit(target.value), self.key(target.slice)))
            else:
                done.append(at(ast.Delete([target]), target))
        return done


def _local(name: str) -> ast.expr:
    return ast.Name(f"{RUNTIME}{name}", ast.Load())
