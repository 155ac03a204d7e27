"""What Python and libraries read on a function's behalf is seen to change, as what the function reads itself."""

from __future__ import annotations

import array
import bisect
import contextvars
import copy
import dataclasses
import enum
import functools
import heapq
import itertools
import json
import math
import operator
import os
import statistics
import string
import types
import warnings
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, namedtuple
from contextlib import contextmanager

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, nn
from lamella_compiler.call.function import RecompilationWarning

X = Tensor([1.0, -2.0])
N = 2.0
SETTING = contextvars.ContextVar("setting", default=2.0)
POINT = namedtuple("POINT", "x y")


class Box:
    """A user's object that answers every question from one attribute."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __bool__(self):
        return self.n > 2

    def __iter__(self):
        return iter(range(self.n))

    def __reversed__(self):
        return iter(range(self.n * 2))

    def __contains__(self, item):
        return item < self.n

    def __float__(self):
        return float(self.n)

    def __int__(self):
        return self.n

    def __index__(self):
        return self.n

    def __complex__(self):
        return complex(self.n)

    def __round__(self, digits=None):
        return self.n

    def __trunc__(self):
        return self.n

    def __floor__(self):
        return self.n

    def __abs__(self):
        return self.n

    def __neg__(self):
        return self.n * 3

    def __eq__(self, other):
        return self.n == other

    def __lt__(self, other):
        return self.n < other

    def __hash__(self):
        return self.n

    def __add__(self, other):
        return self.n + other

    def __radd__(self, other):
        return self.n + other

    def __rmul__(self, other):
        return self.n * other

    def __divmod__(self, other):
        return self.n, self.n

    def __getitem__(self, key):
        return self.n + key

    def __call__(self):
        return self.n

    def __enter__(self):
        return self.n

    def __exit__(self, *error):
        return False

    def __str__(self):
        return "a" * self.n

    def __repr__(self):
        return "a" * self.n

    def __format__(self, form):
        return "a" * self.n

    def __bytes__(self):
        return bytes(self.n)

    def __getattr__(self, name):
        if name == "made_up":
            return self.n
        raise AttributeError(name)

    def __length_hint__(self):
        return self.n

    def __array__(self, *args, **kwargs):
        return np.full(2, self.n, np.float32)

    def __fspath__(self):
        return "a" * self.n

    @functools.cached_property
    def cached(self):
        return self.n

    @property
    def seen(self):
        return self.n

    @classmethod
    def of(cls, n):
        return cls(n)


def within(box):
    with box as value:
        return value


def unpacked(box):
    _, *rest = box
    return len(rest)


def matched(value):
    match value:
        case Box(n=2):
            return 1
        case _:
            return 2


#: What asks a `Box`, whose `n` goes from 2 to 3.
QUESTIONS = {
    "len": lambda b: len(b),
    "truth": lambda b: 1 if b else 2,
    "bool": lambda b: bool(b),
    "not": lambda b: not b,
    "and": lambda b: (b and 1) or 2,
    "iter": lambda b: sum(i + 1 for i in b),
    "for": lambda b: sum([i + 1 for i in b]),
    "list": lambda b: len(list(b)),
    "tuple": lambda b: len(tuple(b)),
    "sum": lambda b: sum(b),
    "max": lambda b: max(b),
    "sorted": lambda b: len(sorted(b)),
    "enumerate": lambda b: len(list(enumerate(b))),
    "zip": lambda b: len(list(zip(b, b, strict=True))),
    "map": lambda b: len(list(map(abs, b))),
    "filter": lambda b: len(list(filter(None, b))),
    "reduce": lambda b: functools.reduce(lambda a, c: a + c, b),
    "reversed": lambda b: len(list(reversed(b))),
    "unpacking": unpacked,
    "star": lambda b: max(*b),
    "any": lambda b: any(i > 1 for i in b),
    "in": lambda b: 2 in b,
    "not in": lambda b: 2 not in b,
    "float": lambda b: float(b),
    "int": lambda b: int(b),
    "index": lambda b: [1.0, 2.0, 3.0, 4.0][b],
    "range": lambda b: len(range(b)),
    "operator.index": lambda b: operator.index(b),
    "complex": lambda b: complex(b).real,
    "round": lambda b: round(b),
    "math.floor": lambda b: math.floor(b),
    "math.trunc": lambda b: math.trunc(b),
    "math.sqrt": lambda b: math.sqrt(b),
    "abs": lambda b: abs(b),
    "neg": lambda b: -b,
    "equal": lambda b: b == 2,
    "equal, from the right": lambda b: b == 2,
    "less": lambda b: b < 3,
    "in a list": lambda b: b in [2],
    "list.index": lambda b: [3, 2].index(b),
    "list.count": lambda b: [3, 2, 2].count(b),
    "hash": lambda b: hash(b),
    "a key": lambda b: {2: 5.0, 3: 7.0}[b],
    "dict.get": lambda b: {2: 5.0, 3: 7.0}.get(b),
    "add": lambda b: b + 1,
    "radd": lambda b: 1 + b,
    "rmul": lambda b: 5 * b,
    "divmod": lambda b: divmod(b, 2)[0],
    "getitem": lambda b: b[1],
    "operator.getitem": lambda b: operator.getitem(b, 1),
    "call": lambda b: b(),
    "operator.call": lambda b: operator.methodcaller("__call__")(b),
    "with": within,
    "str": lambda b: len(str(b)),
    "repr": lambda b: len(repr(b)),
    "f-string": lambda b: len(f"{b}"),
    "f-string, repr": lambda b: len(f"{b!r}"),
    "%": lambda b: len("%s" % b),  # noqa: UP031
    "format": lambda b: len(f"{b:>5}"),
    "str.format": lambda b: len("{}".format(b)),  # noqa: UP032
    "string.Template": lambda b: len(string.Template("$b").substitute(b=b)),
    "bytes": lambda b: len(bytes(b)),
    "__getattr__": lambda b: b.made_up,
    "getattr": lambda b: getattr(b, "n"),  # noqa: B009
    "hasattr": lambda b: b.n + hasattr(b, "nothing"),
    "property": lambda b: b.seen,
    "vars": lambda b: vars(b)["n"],
    "vars, all": lambda b: sum(v for k, v in vars(b).items() if k == "n"),
    "__dict__": lambda b: b.__dict__["n"],
    "dir": lambda b: b.n + len(dir(b)),
    "attrgetter": lambda b: operator.attrgetter("n")(b),
    "methodcaller": lambda b: operator.methodcaller("__len__")(b),
    "length_hint": lambda b: operator.length_hint(b),
    "copy": lambda b: copy.copy(b).n,
    "deepcopy": lambda b: copy.deepcopy(b).n,
    "np.array": lambda b: np.asarray(b)[0],
    "os.fspath": lambda b: len(os.fspath(b)),
    "match": matched,
    "eval": lambda b: eval("b.n"),
    "sorted by attrgetter": lambda b: sorted([b, Box(2.5)], key=operator.attrgetter("n"))[0].n,
    "bisect": lambda b: bisect.bisect([1, 2, 3], b.n),
    "partial": lambda b: functools.partial(lambda q: q.n, b)(),
    "a partial of C": lambda b: functools.partial(len, b)(),
    "itertools.chain": lambda b: sum(itertools.chain(b, [1])),
    "itertools.accumulate": lambda b: list(itertools.accumulate(b))[-1],
    "statistics.mean": lambda b: statistics.mean([b.n, 5]),
    "Counter": lambda b: Counter(b).total(),
    "json": lambda b: json.loads(json.dumps(vars(b)))["n"],
    "dict of it": lambda b: len(dict.fromkeys(b)),
    "a method": lambda b: Box.of(b.n).n,
    "super": lambda b: Derived(b.n).total(),
}  # fmt: skip


class Derived(Box):
    def __init__(self, n):
        super().__init__(n)
        self.m = N

    def total(self):
        return len(self) + self.m


def setter(holder, name, value):
    return lambda: setattr(holder, name, value)


def asks(question):
    box = Box(2)
    return lambda x: x * question(box), setter(box, "n", 3)


@dataclasses.dataclass
class Config:
    rate: float = 2.0
    sizes: list = dataclasses.field(default_factory=lambda: [1.0, 2.0])
    inner: Box = dataclasses.field(default_factory=lambda: Box(2))


class Color(enum.Enum):
    RED = 1

    @property
    def weight(self):
        return WEIGHTS[self]


WEIGHTS = {Color.RED: 2.0}


class Registry(UserDict):
    pass


class Slotted:
    __slots__ = ("n",)

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


class Descriptor:
    def __init__(self):
        self.value = 2.0

    def __get__(self, instance, owner=None):
        return self.value


class Described:
    field = Descriptor()


def with_defaults(x, rate=2.0, *, more=1.0):
    return x * rate + more


@functools.cache
def cached_rate(n):
    return n * 2.0


@contextmanager
def scaled(box):
    yield box.n


def untransformed():
    """A function without source."""
    names = {"N": 2.0}
    exec("def rate():\n    return N * 2", names)
    return names


def row_mapping(kind):
    data = {"k": 2.0}
    held = kind(data)
    return lambda x: x * held["k"], lambda: data.__setitem__("k", 3.0)


def row(make):
    ROWS[make.__name__] = make
    return make


ROWS = {f"a user's object: {name}": functools.partial(asks, question) for name, question in QUESTIONS.items()}


@row
def iterating_a_users_object_of_cells():
    layers = Box(0)
    layers.items = [nn.ReLU()]

    class Layers:
        def __init__(self):
            self.items = [nn.ReLU()]

        def __iter__(self):
            return iter(self.items)

    layers = Layers()

    def apply(x):
        for layer in layers:
            x = layer(x)
        return x

    return apply, lambda: setattr(layers, "items", [*layers.items, nn.Sigmoid()])


@row
def slots():
    held = Slotted(2)
    return lambda x: x * len(held), setter(held, "n", 3)


@row
def special_methods_that_are_replaced():
    class Own(Box):
        def __len__(self):
            return 2

    box = Own(1)
    return lambda x: x * len(box), lambda: setattr(Own, "__len__", lambda self: 3)


@row
def descriptors():
    return lambda x: x * Described().field, setter(
        vars(Described)["field"], "value", vars(Described)["field"].value + 1
    )


@row
def dataclass_asdict():
    config = Config()
    return lambda x: x * dataclasses.asdict(config)["rate"], setter(config, "rate", 3.0)


@row
def dataclass_asdict_of_a_list():
    config = Config()
    return lambda x: x * sum(dataclasses.asdict(config)["sizes"]), lambda: config.sizes.append(3.0)


@row
def dataclass_astuple():
    config = Config()
    return lambda x: x * dataclasses.astuple(config)[0], setter(config, "rate", 3.0)


@row
def dataclass_replace():
    config = Config()
    return lambda x: x * dataclasses.replace(config, sizes=[]).rate, setter(config, "rate", 3.0)


@row
def dataclass_equality():
    config, other = Config(), Config()
    other.inner = config.inner
    return lambda x: x * (config == other), setter(config, "rate", 3.0)


@row
def dataclass_fields():
    config = Config()
    return lambda x: x * getattr(config, dataclasses.fields(config)[0].name), setter(config, "rate", 3.0)


@row
def objects_that_are_made_from_globals():
    def fn(x):
        return x * Derived(2).m

    return fn, lambda: globals().__setitem__("N", globals()["N"] + 1)


@row
def attrgetter_of_a_path():
    config = Config()
    return lambda x: x * operator.attrgetter("inner.n")(config), lambda: setattr(config.inner, "n", 3)


@row
def itemgetter():
    table = {"k": 2.0}
    return lambda x: x * operator.itemgetter("k")(table), lambda: table.__setitem__("k", 3.0)


@row
def partials_that_hold_a_list():
    sizes = [1.0, 2.0]
    total = functools.partial(sum, sizes)
    return lambda x: x * total(), lambda: sizes.append(3.0)


@row
def partials_with_changed_keywords():
    scale = functools.partial(lambda x, k: x * k, k=2.0)
    return lambda x: scale(x), lambda: scale.keywords.__setitem__("k", 3.0)


@row
def partials_in_a_container():
    held = [functools.partial(lambda x, k: x * k, k=2.0)]
    return lambda x: held[0](x), lambda: held[0].keywords.__setitem__("k", 3.0)


@row
def mapping_proxy():
    return row_mapping(types.MappingProxyType)


@row
def chain_map():
    return row_mapping(lambda data: ChainMap({}, data))


@row
def chain_map_get():
    data = {"k": 2.0}
    held = ChainMap({}, data)
    return lambda x: x * held.get("k"), lambda: data.__setitem__("k", 3.0)


@row
def user_dict():
    held = UserDict(k=2.0)
    return lambda x: x * held["k"], lambda: held.__setitem__("k", 3.0)


@row
def a_users_own_user_dict():
    held = Registry(k=2.0)
    return lambda x: x * held["k"] * len(held), lambda: held.__setitem__("k", 3.0)


@row
def user_list():
    held = UserList([1.0, 2.0])
    return lambda x: x * sum(held), lambda: held.append(3.0)


@row
def user_string():
    held = UserString("ab")
    return lambda x: x * len(held), lambda: setattr(held, "data", "abc")


@row
def ordered_dict():
    held = OrderedDict(a=1.0, b=2.0)
    return lambda x: x * next(iter(held.values())), lambda: held.move_to_end("a")


@row
def default_dict():
    held = defaultdict(float, k=2.0)
    return lambda x: x * held["k"], lambda: held.__setitem__("k", 3.0)


@row
def counter():
    held = Counter("aab")
    return lambda x: x * held.most_common(1)[0][1], lambda: held.update("aa")


@row
def dict_views():
    table = {"a": 1.0}
    held = table.values()
    return lambda x: x * sum(held), lambda: table.__setitem__("b", 2.0)


@row
def byte_arrays():
    held = bytearray(b"\x01\x02")
    return lambda x: x * held[0], lambda: held.__setitem__(0, 3)


@row
def memory_views():
    held = memoryview(bytearray(b"\x01\x02"))
    return lambda x: x * held[0], lambda: held.__setitem__(0, 3)


@row
def arrays():
    held = array.array("d", [1.0, 2.0])
    return lambda x: x * held[0], lambda: held.__setitem__(0, 3.0)


@row
def array_sums():
    held = array.array("d", [1.0, 2.0])
    return lambda x: x * sum(held), lambda: held.append(3.0)


@row
def numpy_items():
    held = np.array([1.0, 2.0], np.float32)
    return lambda x: x * float(held[0]), lambda: held.__setitem__(0, 3.0)


@row
def numpy_functions():
    held = np.array([1.0, 2.0], np.float32)
    return lambda x: x * float(np.sum(held)), lambda: held.__setitem__(0, 3.0)


@row
def defaults():
    def inner(x, rate=2.0):
        return x * rate

    return lambda x: inner(x), lambda: setattr(inner, "__defaults__", (3.0,))


@row
def keyword_defaults():
    def inner(x, *, rate=2.0):
        return x * rate

    return lambda x: inner(x), lambda: inner.__kwdefaults__.__setitem__("rate", 3.0)


@row
def keyword_defaults_that_are_replaced():
    def inner(x, *, rate=2.0):
        return x * rate

    return inner, lambda: setattr(inner, "__kwdefaults__", {"rate": 3.0})


@row
def code_of_methods():
    class Own:
        def scale(self, x):
            return x * 2

    held = Own()
    return lambda x: held.scale(x), lambda: setattr(Own.scale, "__code__", (lambda self, x: x * 3).__code__)


@row
def whether_a_parameter_is_trained():
    w = Parameter(Tensor([1.0, 2.0]), name="w")
    return lambda x: x * w if w.requires_grad else x, setter(w, "requires_grad", False)


@row
def the_name_of_a_parameter():
    w = Parameter(Tensor([1.0, 2.0]), name="w")
    return lambda x: x * (2 if w.name == "w" else 3), setter(w, "name", "v")


@row
def the_name_of_a_parameter_of_a_cell():
    net = nn.Dense(2, 2)
    return (
        lambda x: x * sum(2 if p.name.endswith("weight") else 3 for p in net.get_parameters()),
        lambda: setattr(net.weight, "name", "v"),
    )


@row
def an_attribute_of_a_parameter():
    w = Parameter(Tensor([1.0, 2.0]), name="w")
    w.scale = 2.0
    return lambda x: x * w.scale, setter(w, "scale", 3.0)


@row
def globals_by_function():
    return lambda x: x * globals()["N"], lambda: globals().__setitem__("N", globals()["N"] + 1)


@row
def globals_by_eval():
    return lambda x: x * eval("N + 1"), lambda: globals().__setitem__("N", globals()["N"] + 1)


@row
def functions_without_source():
    names = untransformed()
    return lambda x: x * names["rate"](), lambda: names.__setitem__("N", 3.0)


@row
def a_function_without_source():
    names = {"N": [2.0]}
    exec("def scale(x):\n    return x * N[0]", names)
    return names["scale"], lambda: names["N"].__setitem__(0, 3.0)


@row
def environment():
    os.environ["LAMELLA_TEST_RATE"] = "2"
    return lambda x: x * float(os.environ["LAMELLA_TEST_RATE"]), lambda: os.environ.update(LAMELLA_TEST_RATE="3")


@row
def environment_by_getenv():
    os.environ["LAMELLA_TEST_RATE"] = "2"
    return lambda x: x * float(os.getenv("LAMELLA_TEST_RATE", "1")), lambda: os.environ.update(LAMELLA_TEST_RATE="3")


@row
def context_variables():
    SETTING.set(2.0)
    return lambda x: x * SETTING.get(), lambda: SETTING.set(3.0)


@row
def context_managers_of_generators():
    box = Box(2)

    def fn(x):
        with scaled(box) as n:
            return x * n

    return fn, setter(box, "n", 3)


@row
def enums_that_look_elsewhere():
    WEIGHTS[Color.RED] = 2.0
    return lambda x: x * Color.RED.weight, lambda: WEIGHTS.__setitem__(Color.RED, 3.0)


@row
def cached_functions_that_are_cleared():
    base = Box(2)

    @functools.cache
    def rate():
        return base.n

    def change():
        base.n = 3
        rate.cache_clear()

    return lambda x: x * rate(), change


@row
def cached_properties_that_are_cleared():
    box = Box(2)
    assert box.cached == 2

    def change():
        box.n = 3
        del box.cached

    return lambda x: x * box.cached, change


@row
def simple_namespaces():
    held = types.SimpleNamespace(inner=types.SimpleNamespace(n=2.0))
    return lambda x: x * held.inner.n, lambda: setattr(held.inner, "n", 3.0)


@row
def single_dispatch():
    @functools.singledispatch
    def rate(value):
        return 2.0

    return lambda x: x * rate(1), lambda: rate.register(int, lambda value: 3.0)


@row
def named_tuples_of_lists():
    held = POINT([1.0], [2.0])
    return lambda x: x * sum(held.x), lambda: held.x.append(3.0)


@row
def callbacks_in_a_library():
    box = Box(2)

    def key(value):
        return value * box.n

    return lambda x: x * heapq.nsmallest(1, [1.0, -1.0], key=key)[0], setter(box, "n", -3)


@row
def methods_as_values():
    box = Box(2)
    held = {"f": box.__len__}
    return lambda x: x * held["f"](), setter(box, "n", 3)


@row
def random_states():
    import random

    draw = random.Random(0)
    return lambda x: x * draw.random(), lambda: draw.seed(5)


@row
def numpy_random_states():
    draw = np.random.default_rng(0)
    return lambda x: x * float(draw.random()), lambda: None


@row
def cells_that_have_a_length():
    class Own(nn.Cell):
        def __init__(self):
            super().__init__()
            self.sizes = [1.0]

        def __len__(self):
            return len(self.sizes)

        def construct(self, x):
            return x * len(self)

    net = Own()
    return lambda x: net(x) * len(net), lambda: net.sizes.append(2.0)


#: What the two of a row change is the same.
SHARED = {
    "globals_by_function", "globals_by_eval", "objects_that_are_made_from_globals", "environment", "descriptors",
    "environment_by_getenv", "context_variables",
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_changes_are_seen(name):
    fn, change = ROWS[name]()
    twin, change_twin = ROWS[name]()
    run = ms.jit(fn)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RecompilationWarning)
        before = [run(X).tolist() for _ in range(2)][-1]
        expected_before = [twin(X).tolist() for _ in range(2)][-1]
        np.testing.assert_allclose(before, expected_before, 1e-6)
        change()
        if name not in SHARED:
            change_twin()
        expected = twin(X).tolist()
        np.testing.assert_allclose(run(X).tolist(), expected, 1e-6)
    if name not in ("numpy_random_states", "random_states"):
        assert expected != expected_before, "the change can be seen"
