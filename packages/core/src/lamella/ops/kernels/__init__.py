"""Reference kernels longer than a line: pure functions from NumPy arrays and attributes to NumPy arrays.

A kernel is called with shapes and dtypes that the primitive's `infer` rule has accepted, so it checks only what
depends on data, such as indices. The result has the dtype of the input; float16 and bfloat16 accumulate in float32.
Kernels do not silence floating-point warnings: who calls them runs under `np.errstate(all="ignore")`.
"""
