"""What every compiled backend decides alike, from a graph to a plan that says what is computed when, and where."""
