"""A row for each public name: what it gives, and what a formula of NumPy, SciPy or Python gives.

A row is `left == right`, then perhaps `# tolerance`. On the left the inputs (`INPUTS`) are tensors, on the right
arrays. It is about the name that is called outermost: a name of `ops` or `nn`, or a method or attribute of a tensor; of
a helper (`formulas`) it is the name in the helper's first argument. Each name has one row.
"""
