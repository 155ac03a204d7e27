"""LLVM's language as text: a writer, and code for single elements that any processor or accelerator can run."""
