"""The backend that core brings along: `lamella.backends.reference`."""
