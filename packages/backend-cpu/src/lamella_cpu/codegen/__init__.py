"""From graphs to LLVM's language: steps of code, and the function that runs them."""
