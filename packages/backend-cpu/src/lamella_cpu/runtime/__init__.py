"""Native code at work: compiled, loaded, kept on disk, called, and run by a pool of threads."""
