"""Warm execution (Linux): processes forked from a template that has imported everything once.

`template` is the process that forks, `client` asks it; `provisioner` makes real kernels of such forks,
`cells` runs a notebook's cells in one without sockets (`forked` is its client), and `engine` gives papermill
that. Elsewhere, or when asked, everything falls back to ordinary kernels with the same results.
"""
