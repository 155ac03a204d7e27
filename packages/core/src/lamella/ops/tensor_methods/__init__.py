"""What tensors do by methods and operators: most are functions of `ops` with the tensor as first argument."""
