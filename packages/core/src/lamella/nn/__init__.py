"""Neural networks: cells, losses, optimizers."""
