"""The Linux mechanisms that confine a process, one a file."""
