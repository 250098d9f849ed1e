"""The command line: `oa-rental up`, `demo`, `doctor`, `reset`."""
