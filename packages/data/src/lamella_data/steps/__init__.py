"""The steps of a pipeline, one file for each."""
