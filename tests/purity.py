"""The rules of the core, as a walk over a syntax tree: no clock, no chance, no environment, no I/O, no order
that comes from memory. `findings(source)` gives (line, what is wrong); planted bugs test it.

A name counts as a set where the same file says so: a literal, a comprehension, set(...), frozenset(...), set
operators on one of those or on dict.keys(), or an annotation. What is not seen: a set that comes back from a
function of another file without an annotation here.
"""

import ast
from collections.abc import Iterator

BANNED_MODULES = (
    "asyncio", "concurrent", "fcntl", "ftplib", "getpass", "glob", "http", "locale", "logging", "mmap",
    "multiprocessing", "os", "platform", "queue", "random", "sched", "secrets", "select", "selectors",
    "shutil", "signal", "smtplib", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib", "uuid", "zoneinfo",
)  # fmt: skip
"""`sys` and `os` for the environment, `logging` for what it writes, `zoneinfo` for the files it reads."""

BANNED_CALLS = (
    "open", "print", "input", "id", "hash", "eval", "exec", "compile", "breakpoint", "globals", "vars",
    "__import__", "io.open", "codecs.open",
)  # fmt: skip
CLOCK_METHODS = ("now", "utcnow", "today")
FILE_METHODS = (
    "open", "read_bytes", "read_text", "write_bytes", "write_text", "exists", "is_file", "is_dir", "iterdir",
    "rglob", "glob", "stat", "unlink", "mkdir", "touch", "resolve", "cwd", "home", "expanduser", "rename",
    "read_table", "write_table", "write_csv", "tofile", "fromfile", "memmap",
)  # fmt: skip
ORDER_TAKERS = ("list", "tuple", "enumerate", "iter", "zip", "map", "filter", "reversed", "deque")
SET_METHODS = ("union", "intersection", "difference", "symmetric_difference", "copy")
"""Those that give a set again."""
SET_OPERATORS = (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)

Finding = tuple[int, str]


def _dotted(node: ast.expr) -> str:
    """The dotted name of an expression, empty if it is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = _dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""


def _says_set(annotation: ast.expr | None) -> bool:
    if annotation is None:
        return False
    text = ast.unparse(annotation).replace('"', "").replace("'", "")
    return text.startswith(("set", "frozenset", "Set[", "AbstractSet", "Final[set", "Final[frozenset"))


class _Walk(ast.NodeVisitor):
    """Collects findings; `loads` tells whether the function is named for reading or writing a file."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.modules: dict[str, str] = {}  # local name -> what it stands for
        self.sets: list[dict[str, bool]] = [{}]
        self.loads = False

    def note(self, node: ast.AST, words: str) -> None:
        self.found.append((getattr(node, "lineno", 0), words))

    # ---------------------------------------------------------------- imports

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.modules[alias.asname or alias.name.partition(".")[0]] = alias.name
            self._module(node, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            self._module(node, f"{node.module}.{alias.name}")

    def _module(self, node: ast.AST, name: str) -> None:
        if name.partition(".")[0] in BANNED_MODULES:
            self.note(node, f"imports {name}")
        if name.startswith("numpy.random"):
            self.note(node, "imports numpy.random")

    def resolve(self, node: ast.expr) -> str:
        first, dot, rest = _dotted(node).partition(".")
        return self.modules.get(first, first) + dot + rest

    # ---------------------------------------------------------------- scopes

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        before = self.loads
        self.loads = self.loads or node.name.startswith(("load_", "read_", "write_", "_load_", "_read_"))
        scope = {
            argument.arg: True
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            if _says_set(argument.annotation)
        }
        self.sets.append(scope)
        self.generic_visit(node)
        self.sets.pop()
        self.loads = before

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 (the name is ast's)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._bind(target, self.is_set(node.value))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.generic_visit(node)
        self._bind(
            node.target, _says_set(node.annotation) or (node.value is not None and self.is_set(node.value))
        )

    def _bind(self, target: ast.expr, is_set: bool) -> None:
        name = _dotted(target)
        if name:
            scope = self.sets[0] if name.startswith("self.") else self.sets[-1]
            scope[name] = is_set or (name.startswith("self.") and scope.get(name, False))

    def is_set(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Set | ast.SetComp):
            return True
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in SET_METHODS:
                return self.is_set(node.func.value)
            return self.resolve(node.func) in ("set", "frozenset")
        if isinstance(node, ast.BinOp) and isinstance(node.op, SET_OPERATORS):
            return any(self.is_set(side) or _is_keys(side) for side in (node.left, node.right))
        if isinstance(node, ast.IfExp):
            return self.is_set(node.body) or self.is_set(node.orelse)
        name = _dotted(node)
        return next((scope[name] for scope in reversed(self.sets) if name in scope), False)

    # ---------------------------------------------------------------- what is done

    def _ordered(self, node: ast.expr) -> None:
        if self.is_set(node):
            self.note(node, f"takes the order of a set: {ast.unparse(node)}")

    def visit_For(self, node: ast.For) -> None:
        self._ordered(node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._ordered(node.iter)
        self.generic_visit(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        for part in node.generators:  # from set to set: order is not taken
            if not self.is_set(part.iter):
                self.visit(part)
        self.visit(node.elt)

    def visit_Starred(self, node: ast.Starred) -> None:
        self._ordered(node.value)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = self.resolve(node)
        if name.startswith("numpy.random"):
            self.note(node, "uses numpy.random")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = self.resolve(node.func)
        if name in BANNED_CALLS and not (name == "open" and self.loads):
            self.note(node, f"calls {name}()")
        if isinstance(node.func, ast.Attribute):
            self._method(node, node.func)
        if name.rpartition(".")[2] in ORDER_TAKERS:
            for argument in node.args:
                self._ordered(argument)
        self.generic_visit(node)

    def _method(self, node: ast.Call, method: ast.Attribute) -> None:
        owner = self.resolve(method.value)
        if method.attr in CLOCK_METHODS and owner.rpartition(".")[2] in ("datetime", "date"):
            self.note(node, f"reads the clock: {owner}.{method.attr}()")
        if method.attr in FILE_METHODS and not self.loads:
            self.note(node, f"touches files: .{method.attr}()")
        if method.attr in ("join", "extend", "fromiter"):
            for argument in node.args:
                self._ordered(argument)
        if method.attr == "pop" and not node.args and self.is_set(method.value):
            self.note(node, f"takes the order of a set: {ast.unparse(node)}")


def _is_keys(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "keys"


def findings(source: str) -> list[Finding]:
    """(line, what is wrong) for everything in the source that the core may not do."""
    tree = ast.parse(source)
    walk = _Walk()
    for node in _bindings(tree):  # attributes may be set in a method that stands further down
        name = _dotted(node.target)
        if name.startswith("self.") and _says_set(node.annotation):
            walk.sets[0][name] = True
    walk.visit(tree)
    return sorted(set(walk.found))


def _bindings(tree: ast.AST) -> Iterator[ast.AnnAssign]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign))
