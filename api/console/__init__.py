"""The console: server-rendered pages over the same functions as the API. Indonesian first, English second."""
