"""Code that knows shapes and strides and nothing of graphs: one function of the module each."""
