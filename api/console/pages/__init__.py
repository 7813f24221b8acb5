"""The pages of the console, one module a noun: each has `routes`, and may have `NAV` and `KEYS` (`api.console.desk`).

The application finds the modules by their names: there is no list to add one to.
"""
