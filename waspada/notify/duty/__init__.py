"""The rota: which account is on duty for which desk, and when."""
