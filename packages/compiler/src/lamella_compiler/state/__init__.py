"""The state of Python around a compiled function: what it reads and what it changes; see the README beside this."""
