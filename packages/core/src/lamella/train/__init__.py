"""Training: models, callbacks, metrics, checkpoints."""
