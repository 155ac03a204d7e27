# ruff: noqa: E501 - a row is a line
"""Rows for the methods and attributes of tensors that are no functions of `ops`."""

METHODS = """
x.T == x.T
changed(Tensor.add_, x, y) == x + y
x.argmax(axis=1) == x.argmax(1)
x.asnumpy() == x
changed(Tensor.assign_value, x, y) == y
x.astype("int32") == x.astype(np.int32)
x.bfloat16().astype("float32") == x # 0.01
i.bool() == i.astype(bool)
changed(Tensor.clamp_, x, -0.5, 0.5) == np.clip(x, -0.5, 0.5)
x.clone() == x
x.contiguous() == x
x.copy() == x.copy()
changed(Tensor.copy_, x, v) == np.broadcast_to(v, (3, 4))
x.cumsum() == x.cumsum()
x.device == ms.get_context("device_target")
b.diagonal(1, 1, 2) == b.diagonal(1, 1, 2)
b.dim() == b.ndim
changed(Tensor.div_, x, p) == x / p
x.dtype.numpy == x.dtype
x[:1].expand(2, -1) == np.broadcast_to(x[:1], (2, 4))
v.expand_as(x) == np.broadcast_to(v, (3, 4))
x.fill(7) == np.full_like(x, 7)
changed(Tensor.fill_, x, 7) == np.full_like(x, 7)
b.flatten() == b.flatten()
i.float() == i.astype(np.float32)
Tensor.from_dlpack(x) == x
Tensor.from_numpy(x.asnumpy()) == x
x.half() == x.astype(np.float16) # 0.001
x.int() == x.astype(np.int32)
x.is_floating_point() == True
x[1, 2].item() == x[1, 2].item()
x.itemsize == x.itemsize
x.logsumexp(1) == special.logsumexp(x, 1)
x.long() == x.astype(np.int64)
changed(Tensor.masked_fill_, x, m, 7) == np.where(m, 7, x).astype(np.float32)
x.max(axis=1) == x.max(1)
x.min(axis=1) == x.min(1)
changed(Tensor.mul_, x, y) == x * y
b.nbytes == b.nbytes
b.ndim == b.ndim
b.ndimension() == b.ndim
b.nelement() == b.size
i.new_ones((2, 3)) == np.ones((2, 3), np.int32)
i.new_zeros((2, 3)) == np.zeros((2, 3), np.int32)
x.numpy() == x
b.permute(2, 0, 1) == b.transpose(2, 0, 1)
changed(Tensor.pow_, p, 2) == p**2
x.repeat(2, axis=1) == x.repeat(2, 1)
b.reshape(4, -1) == b.reshape(4, -1)
x.reshape_as(b[0].T) == x.reshape(4, 3)
x.select(m, y) == np.where(m, x, y)
b.shape == b.shape
b.size == b.size
changed(Tensor.sub_, x, y) == x - y
b.sum(axis=(0, 2)) == b.sum((0, 2))
x.t() == x.T
x.take(Tensor([0, 9]), mode="wrap") == x.take([0, 9], mode="wrap")
x.to("float64") == x.astype(np.float64)
x.tolist() == x.tolist()
b.transpose(2, 0, 1) == b.transpose(2, 0, 1)
i.type_as(x) == i.astype(np.float32)
x.value() == x
b.view(4, -1) == b.reshape(4, -1)
x.view_as(b[0].T) == x.reshape(4, 3)
x.where(m, y) == np.where(m, x, y)
changed(Tensor.zero_, x) == np.zeros_like(x)
x.H == x.T
i.byte() == i.astype(np.uint8)
x.data == x
x.double() == x.astype(np.float64)
changed(Tensor.exp_, x) == np.exp(x)
s.fill_diagonal(7.0) == np.where(np.eye(4), np.float32(7), s)
changed(Tensor.fill_diagonal_, s, 7.0) == np.where(np.eye(4), np.float32(7), s)
changed(Tensor.floor_, x) == np.floor(x)
changed(Tensor.floor_divide_, i, 2) == i // 2
len(x.get_bytes()) == 48
s.index_add(0, k, x) == combined(np.add, s, k, x)
changed(Tensor.index_add_, s, 0, k, x) == combined(np.add, s, k, x)
changed(Tensor.index_copy_, s, 0, k, x) == scattered(s, k, x, False)
changed(Tensor.index_fill_, s, 0, k, 7.0) == np.where((np.arange(4) == 1)[:, None], s, np.float32(7))
s.index_put((k, Tensor([0, 1, 2])), v[:3]) == scattered(s, (np.array([2, 0, 3]), np.arange(3)), v[:3], False)
changed(Tensor.index_put_, s, (k, Tensor([0, 1, 2])), v[:3], True) == scattered(s, (np.array([2, 0, 3]), np.arange(3)), v[:3], True)
x.is_contiguous() == True
x.is_signed() == True
v.itemset(2, 7.0) == scattered(v, [2], 7.0, False)
changed(Tensor.log_, p) == np.log(p)
b.mH == b.swapaxes(1, 2)
b.mT == b.swapaxes(1, 2)
x.masked_scatter(m, y) == scattered(x, m, y.ravel()[: m.sum()], False)
changed(Tensor.masked_scatter_, x, m, y) == scattered(x, m, y.ravel()[: m.sum()], False)
changed(Tensor.put_, x, Tensor([1, 5]), v[:2]) == scattered(x.ravel(), [1, 5], v[:2], False).reshape(3, 4)
watched(Tensor.register_hook, x) == 10 * np.ones_like(x)
changed(Tensor.remainder_, i, 3) == i % 3
v.scatter(0, Tensor([2, 0]), w[:2]) == scattered(v, [2, 0], w[:2], False)
changed(Tensor.scatter_, v, 0, Tensor([2, 0]), w[:2]) == scattered(v, [2, 0], w[:2], False)
v.scatter_add(0, Tensor([2, 2]), w[:2]) == scattered(v, [2, 2], w[:2], True)
changed(Tensor.scatter_add_, v, 0, Tensor([2, 2]), w[:2]) == scattered(v, [2, 2], w[:2], True)
i.short() == i.astype(np.int16)
changed(Tensor.sigmoid_, x) == sigmoid(x)
changed(Tensor.sign_, x) == np.sign(x)
b.storage_offset() == 0
b.stride() == [12, 4, 1]
b.strides == b.strides
changed(Tensor.tanh_, x) == np.tanh(x)
x.type() == "Float32"
"""

OPERATORS = """
Tensor.__abs__(x) == abs(x)
Tensor.__add__(x, y) == x + y
Tensor.__and__(i, j) == i & j
Tensor.__array__(x) == x
Tensor.__bool__(x[0, 0] == x[0, 0]) == True
Tensor.__copy__(x) == x
Tensor.__deepcopy__(x, {}) == x
exported(Tensor.__dlpack__, x) == x
Tensor.__dlpack_device__(x) == x.__dlpack_device__()
Tensor.__complex__(x[0, 0]) == complex(x[0, 0])
Tensor.__float__(x[0, 0]) == float(x[0, 0])
Tensor.__floordiv__(i, j) == i // j
Tensor.__ge__(i, j) == np.greater_equal(i, j)
Tensor.__eq__(i, j) == np.equal(i, j)
Tensor.__getitem__(x, (slice(None), 1)) == x[:, 1]
Tensor.__gt__(i, j) == np.greater(i, j)
Tensor.__index__(k[0]) == 2
Tensor.__int__(k[0]) == 2
Tensor.__invert__(m) == ~m
tuple(Tensor.__iter__(x)) == tuple(x)
Tensor.__le__(i, j) == np.less_equal(i, j)
Tensor.__len__(x) == 3
Tensor.__lt__(i, j) == np.less(i, j)
Tensor.__matmul__(b, c) == b @ c
Tensor.__mod__(i, j) == i % j
Tensor.__mul__(x, y) == x * y
Tensor.__ne__(i, j) == np.not_equal(i, j)
Tensor.__neg__(x) == -x
Tensor.__or__(m, o) == np.logical_or(m, o)
Tensor.__pos__(x) == +x
Tensor.__pow__(p, x) == p**x
Tensor.__radd__(x, 2) == 2 + x
Tensor.__rand__(m, True) == m
Tensor.__rfloordiv__(j, 7) == 7 // j
Tensor.__rmatmul__(c, b.asnumpy()) == b @ c
Tensor.__rmod__(j, 7) == 7 % j
Tensor.__rmul__(x, 2) == 2 * x
Tensor.__ror__(m, False) == m
Tensor.__rpow__(x, 2.0) == 2.0**x
Tensor.__rsub__(x, 2) == 2 - x
Tensor.__rtruediv__(p, 2) == 2 / p
Tensor.__rxor__(m, True) == ~m
after(Tensor.__setitem__, lambda a: a.__setitem__((slice(None), 1), 7.0), x) == scattered(x.T, [1], 7.0, False).T
Tensor.__sub__(x, y) == x - y
Tensor.__truediv__(x, p) == x / p
Tensor.__xor__(i, j) == i ^ j
"""
