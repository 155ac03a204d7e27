"""`Dataset`: a pipeline from a source through steps to an iterator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from lamella.errors import explain
from lamella_data._checks import check_int, check_no_processes, check_workers
from lamella_data._node import ENDLESS, Node, Run
from lamella_data.config import get_seed
from lamella_data.iterators import DictIterator, Epochs, RowIterator, TupleIterator, as_numpy, to_tensor
from lamella_data.steps.batch import BatchInfo, BatchNode
from lamella_data.steps.map import MapNode
from lamella_data.steps.repeat import RepeatNode
from lamella_data.steps.select import project, rename
from lamella_data.steps.shuffle import ShuffleNode
from lamella_data.steps.skip import SkipNode
from lamella_data.steps.take import TakeNode
from lamella_data.steps.zip import ZipNode

_Iterator = TypeVar("_Iterator", bound=RowIterator[Any])
Columns = str | Sequence[str]


class Dataset:
    """Rows with named columns, and the steps that are applied to them.

    Every method that adds a step returns a new data set and leaves this one as it is. Data sets are made by sources,
    such as `NumpySlicesDataset`; nothing is read or computed before an iterator asks for a row.

    Examples:
        >>> import lamella_data as data
        >>> rows = data.NumpySlicesDataset([1, 2, 3, 4, 5], "x", shuffle=False)
        >>> rows = rows.map(lambda x: 10 * x, "x").batch(2)
        >>> [x.tolist() for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [[10, 20], [30, 40], [50]]
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._epochs = Epochs()

    # Steps

    def map(
        self,
        operations: Callable[..., Any] | Sequence[Callable[..., Any]],
        input_columns: Columns | None = None,
        output_columns: Columns | None = None,
        column_order: Columns | None = None,
        num_parallel_workers: int | None = None,
        python_multiprocessing: bool = False,
    ) -> Dataset:
        """Apply operations to columns of every row.

        The first operation gets the input columns as its arguments; each further one gets what the one before it
        returned, a tuple as several columns. An operation is a function of arrays, one row a call, or a transform of
        this package, which works on many rows a call. Operations run on blocks of rows: all rows of a block pass
        the first operation, then all pass the second. Rows that a later `skip` or a restored iterator passes over
        are not computed. What an operation returns is copied.

        Args:
            operations: one or several, applied in order.
            input_columns: what the first one gets; None is the first column.
            output_columns: names for what the last one returns; None keeps the names of the input columns. As many
                names as input columns take their places; otherwise they come first and the other columns after them.
            column_order: the columns of the result and their order, as with `project`; None is all of them.
            num_parallel_workers: so many threads call functions, where several rows are needed at once, as for a
                batch; None is one. The order of rows stays. This helps functions that wait for files or spend long in
                NumPy; short ones are quicker without threads.
            python_multiprocessing: must be False: there are threads, not processes.

        Raises:
            TypeError: an argument has a wrong type.
            ValueError: a column does not exist, output names clash, or an argument is out of range; when rows are
                computed, an operation returned another number of columns than there are names.

        Examples:
            >>> import lamella_data as data
            >>> rows = data.NumpySlicesDataset(([1, 2], [3, 4]), ["x", "y"], shuffle=False)
            >>> rows = rows.map(lambda x, y: (x + y, x * y, x - y), ["x", "y"], ["sum", "product", "difference"])
            >>> [[int(c) for c in row] for row in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [[4, 3, -2], [6, 8, -2]]
        """
        check_no_processes("map", python_multiprocessing)
        workers = check_workers("map", num_parallel_workers)
        mapped = Dataset(MapNode(self._node, operations, input_columns, output_columns, workers))
        return mapped if column_order is None else mapped.project(column_order)

    def batch(
        self,
        batch_size: int | Callable[[BatchInfo], int],
        drop_remainder: bool = False,
        num_parallel_workers: int | None = None,
        *,
        per_batch_map: Callable[..., Any] | None = None,
        input_columns: Columns | None = None,
        output_columns: Columns | None = None,
        python_multiprocessing: bool = False,
    ) -> Dataset:
        """Make one row of several: each column becomes an array with an additional first axis.

        Args:
            batch_size: rows in a batch; or a function of a `BatchInfo` that says it for each batch.
            drop_remainder: whether to drop the last batch if it is smaller.
            num_parallel_workers: at most so many threads. Batches are made one after the other, in the thread that
                asks for them, whatever the number.
            per_batch_map: called on each batch before its rows are joined. It gets a list of arrays for each
                input column and then a `BatchInfo`, and returns a tuple with a list (or array) of rows for each
                output column.
            input_columns: what `per_batch_map` gets; None is all columns.
            output_columns: names for what it returns; None keeps the names of the input columns.
            python_multiprocessing: must be False: there are no processes.

        Raises:
            TypeError: an argument has a wrong type.
            ValueError: an argument is out of range or a column does not exist; when rows are read, the rows of a
                batch differ in shape or type.

        Examples:
            >>> import lamella_data as data
            >>> rows = data.NumpySlicesDataset([[1, 2], [3, 4], [5, 6]], "x", shuffle=False).batch(2)
            >>> [x.tolist() for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [[[1, 2], [3, 4]], [[5, 6]]]
        """
        check_no_processes("batch", python_multiprocessing)
        check_workers("batch", num_parallel_workers)
        node = BatchNode(self._node, batch_size, drop_remainder, per_batch_map, input_columns, output_columns)
        return Dataset(node)

    def shuffle(self, buffer_size: int) -> Dataset:
        """Put the rows in random order, another one in every epoch.

        Rows wait in a buffer; a random one leaves it and the next one takes its place. A buffer as large as the data
        set gives every order the same chance.

        Args:
            buffer_size: rows in the buffer, at least 2.

        Raises:
            TypeError: `buffer_size` is not an int.
            ValueError: it is out of range.

        Examples:
            >>> import lamella_data as data
            >>> rows = data.NumpySlicesDataset([1, 2, 3], "x", shuffle=False).shuffle(3)
            >>> sorted(int(x) for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True))
            [1, 2, 3]
        """
        return Dataset(ShuffleNode(self._node, buffer_size))

    def repeat(self, count: int | None = None) -> Dataset:
        """Give all rows several times, shuffled anew each time.

        Args:
            count: how often, at least 1; None or -1 is without end.

        Raises:
            TypeError: `count` is not an int.
            ValueError: it is 0 or below -1.

        Examples:
            >>> import lamella_data as data
            >>> rows = data.NumpySlicesDataset([1, 2], "x", shuffle=False).repeat(2)
            >>> [int(x) for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [1, 2, 1, 2]
        """
        return Dataset(RepeatNode(self._node, count))

    def take(self, count: int = -1) -> Dataset:
        """Give only the first rows.

        Args:
            count: how many, at least 1; where there are fewer, or for -1, all.

        Raises:
            TypeError: `count` is not an int.
            ValueError: it is 0 or below -1.

        Examples:
            >>> import lamella_data as data
            >>> rows = data.NumpySlicesDataset([1, 2, 3], "x", shuffle=False).take(2)
            >>> [int(x) for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [1, 2]
        """
        return Dataset(TakeNode(self._node, count))

    def skip(self, count: int) -> Dataset:
        """Leave out the first rows.

        Args:
            count: how many; where there are fewer, no row remains.

        Raises:
            TypeError: `count` is not an int.
            ValueError: it is negative.

        Examples:
            >>> import lamella_data as data
            >>> rows = data.NumpySlicesDataset([1, 2, 3], "x", shuffle=False).skip(2)
            >>> [int(x) for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [3]
        """
        return Dataset(SkipNode(self._node, count))

    def zip(self, datasets: Dataset | tuple[Dataset, ...]) -> Dataset:
        """Put the columns of other data sets beside the columns of this one; as many rows as the shortest has.

        Args:
            datasets: one, or a tuple of several.

        Raises:
            TypeError: something else was given.
            ValueError: two columns have the same name.

        Examples:
            >>> import lamella_data as data
            >>> x = data.NumpySlicesDataset([1, 2], "x", shuffle=False)
            >>> y = data.NumpySlicesDataset([3, 4, 5], "y", shuffle=False)
            >>> [[int(c) for c in row] for row in x.zip(y).create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [[1, 3], [2, 4]]
        """
        others = datasets if isinstance(datasets, tuple) else (datasets,)
        return zip_datasets((self, *others))

    def project(self, columns: Columns) -> Dataset:
        """Keep some columns, in the order given.

        Args:
            columns: their names.

        Raises:
            TypeError: a name is not a str.
            ValueError: a column does not exist or is named twice.

        Examples:
            >>> import lamella_data as data
            >>> data.NumpySlicesDataset(([1], [2], [3]), ["x", "y", "z"]).project(["z", "x"]).get_col_names()
            ['z', 'x']
        """
        return Dataset(project(self._node, columns))

    def rename(self, input_columns: Columns, output_columns: Columns) -> Dataset:
        """Give columns other names.

        Args:
            input_columns: their names now.
            output_columns: their new names, as many.

        Raises:
            TypeError: a name is not a str.
            ValueError: a column does not exist, or two columns would have one name.

        Examples:
            >>> import lamella_data as data
            >>> data.NumpySlicesDataset(([1], [2]), ["x", "y"]).rename("y", "label").get_col_names()
            ['x', 'label']
        """
        return Dataset(rename(self._node, input_columns, output_columns))

    # Iterators

    def create_tuple_iterator(
        self,
        columns: Columns | None = None,
        num_epochs: int = -1,
        output_numpy: bool = False,
        do_copy: bool = True,
    ) -> TupleIterator:
        """An iterator that gives each row as a list with a value for each column.

        Several iterators of a data set are independent. A new one starts with the epoch after those already begun,
        so that a loop that makes an iterator for every epoch has its rows in the same orders as one iterator.

        Args:
            columns: which columns, in which order; None is all.
            num_epochs: how many epochs it may go through; -1 is without end.
            output_numpy: whether values are NumPy arrays; otherwise they are tensors, but text is in NumPy arrays.
            do_copy: True and False are the same here: every tensor has memory of its own, and nothing is copied for it.

        Raises:
            TypeError: an argument has a wrong type.
            ValueError: a column does not exist, or `num_epochs` is 0 or below -1.

        Examples:
            >>> import lamella_data as data
            >>> rows = data.NumpySlicesDataset(([1, 2], [3, 4]), ["x", "y"], shuffle=False)
            >>> next(rows.create_tuple_iterator(columns=["y"], output_numpy=True))
            [array(3)]
        """
        return self._iterator(TupleIterator, columns, num_epochs, output_numpy, do_copy)

    def create_dict_iterator(
        self, num_epochs: int = -1, output_numpy: bool = False, do_copy: bool = True
    ) -> DictIterator:
        """An iterator that gives each row as a dict from column name to value.

        Args:
            num_epochs: how many epochs it may go through; -1 is without end.
            output_numpy: whether values are NumPy arrays; otherwise they are tensors, but text is in NumPy arrays.
            do_copy: True and False are the same here: every tensor has memory of its own, and nothing is copied for it.

        Raises:
            TypeError: an argument has a wrong type.
            ValueError: `num_epochs` is 0 or below -1.

        Examples:
            >>> import lamella_data as data
            >>> rows = data.NumpySlicesDataset({"x": [1, 2]}, shuffle=False)
            >>> next(rows.create_dict_iterator(output_numpy=True))
            {'x': array(1)}
        """
        return self._iterator(DictIterator, None, num_epochs, output_numpy, do_copy)

    def _iterator(
        self, kind: type[_Iterator], columns: Columns | None, num_epochs: int, output_numpy: bool, do_copy: bool
    ) -> _Iterator:
        for name, value in (("output_numpy", output_numpy), ("do_copy", do_copy)):
            if not isinstance(value, bool):
                raise TypeError(explain(f"data iterator: {name}", given=repr(value), expected="a bool"))
        if not check_int("data iterator: num_epochs", num_epochs, -1):
            raise ValueError(explain("data iterator: num_epochs", given="0", expected="-1 or at least 1"))
        node = self._node if columns is None else project(self._node, columns)
        return kind(node, self._epochs, num_epochs, as_numpy if output_numpy else to_tensor())

    def __iter__(self) -> TupleIterator:
        return self.create_tuple_iterator(num_epochs=1)

    # What the rows are

    def get_dataset_size(self) -> int:
        """How many rows an epoch has.

        A step that repeats without end counts as one pass, as in MindSpore. A `GeneratorDataset` whose source does not
        tell its length is run to count its rows; functions in `map` are not called.

        Examples:
            >>> import lamella_data as data
            >>> data.NumpySlicesDataset(list(range(10)), "x").batch(4).get_dataset_size()
            3
        """
        rows = self._node.rows(ENDLESS, once=False)
        return self._node.rows(ENDLESS, once=True) if rows == ENDLESS else rows

    def __len__(self) -> int:
        return self.get_dataset_size()

    def get_batch_size(self) -> int:
        """The size that the last `batch` was given, 1 without one; of a callable size, that of the first batch.

        Examples:
            >>> import lamella_data as data
            >>> data.NumpySlicesDataset(list(range(10)), "x").batch(4).get_batch_size()
            4
        """
        return self._node.batch_size

    def get_repeat_count(self) -> int:
        """The count that the last `repeat` was given, 1 without one, -1 for one without end.

        Examples:
            >>> import lamella_data as data
            >>> data.NumpySlicesDataset(list(range(10)), "x").repeat(4).get_repeat_count()
            4
        """
        return self._node.repeat_count

    def get_col_names(self) -> list[str]:
        """The names of the columns.

        Examples:
            >>> import lamella_data as data
            >>> data.NumpySlicesDataset({"x": [1], "y": [2]}).get_col_names()
            ['x', 'y']
        """
        return list(self._node.names)

    def output_shapes(self, estimate: bool = False) -> list[list[int | None]]:
        """The shape of each column in the first row; an empty list where there are no rows.

        Args:
            estimate: whether to go through all rows, and give None for lengths that differ between rows.

        Raises:
            ValueError: `estimate`, and the shapes of a column differ in their number of axes.

        Examples:
            >>> import lamella_data as data
            >>> rows = data.NumpySlicesDataset(list(range(10)), "x").batch(4)
            >>> rows.output_shapes(), rows.output_shapes(estimate=True)
            ([[4]], [[None]])
        """
        stage = self._node.open(Run(get_seed(), 0))
        shapes: list[list[int | None]] = []
        try:
            while block := stage.pull(1).columns:
                found = [list(column[0].shape) for column in block]
                shapes = shapes or [list(shape) for shape in found]
                if not estimate:
                    break
                for name, known, new in zip(self._node.names, shapes, found, strict=True):
                    if len(known) != len(new):
                        given = f"shapes with {len(known)} and {len(new)} axes in column {name!r}"
                        raise ValueError(explain("output_shapes", given=given, expected="equally many"))
                    known[:] = [k if k == n else None for k, n in zip(known, new, strict=True)]
        finally:
            stage.close()
        return shapes

    def output_types(self) -> list[Any]:
        """The NumPy type of each column in the first row; an empty list where there are no rows.

        Examples:
            >>> import lamella_data as data
            >>> data.NumpySlicesDataset([0.5], "x").output_types()
            [dtype('float64')]
        """
        stage = self._node.open(Run(get_seed(), 0))
        try:
            return [column[0].dtype for column in stage.pull(1).columns]
        finally:
            stage.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._node.label}, columns {list(self._node.names)}>"


def zip_datasets(datasets: tuple[Dataset, ...]) -> Dataset:
    """Put the columns of several data sets side by side; as many rows as the shortest has.

    Args:
        datasets: at least two.

    Raises:
        TypeError: `datasets` is not a tuple of data sets.
        ValueError: there are fewer than two, or two columns have the same name.

    Examples:
        >>> import lamella_data as data
        >>> x = data.NumpySlicesDataset([1, 2], "x", shuffle=False)
        >>> data.zip((x, x.rename("x", "y"))).get_col_names()
        ['x', 'y']
    """
    if not isinstance(datasets, tuple) or not all(isinstance(dataset, Dataset) for dataset in datasets):
        raise TypeError(explain("zip", given=f"{datasets!r:.80}", expected="a tuple of data sets"))
    if len(datasets) < 2:
        raise ValueError(explain("zip", given=f"{len(datasets)} data set", expected="at least two"))
    return Dataset(ZipNode(tuple(dataset._node for dataset in datasets)))
