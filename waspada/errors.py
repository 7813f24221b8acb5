"""The one tree of errors that Waspada raises on purpose.

    WaspadaError
    ├── SettingsError         a setting is missing, unreadable or unsafe
    ├── InputError            what the user gave cannot be read (file, line, option)
    ├── NotFoundError         the thing named does not exist
    ├── ConflictError         somebody else changed it first, or the step is not allowed from this state
    ├── TooManyError          more than fits at once or in a while: later again
    ├── AccessError           no valid token, or the token may not do this
    ├── StoreError            the database cannot be used
    │   ├── StoreBusyError    locked by another process for too long; trying again is right
    │   └── StoreFullError    no room left on the disk
    ├── ModelError            a model folder is missing, broken, or does not fit this version
    ├── AlreadyRunningError   another process owns the data folder
    └── MissingExtraError     the command needs an optional dependency

Every message says what happened, where, and what to do next. The API maps each class to one problem+json status; the
command line prints the message without a traceback and exits with 2.
"""

from __future__ import annotations


class WaspadaError(Exception):
    """Base of all errors of this product. `hint` is the next step for the user, shown after the message."""

    hint: str = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} {self.hint}".strip()


class SettingsError(WaspadaError):
    pass


class InputError(WaspadaError):
    pass


class NotFoundError(WaspadaError):
    pass


class ConflictError(WaspadaError):
    pass


class TooManyError(WaspadaError):
    pass


class AccessError(WaspadaError):
    pass


class StoreError(WaspadaError):
    pass


class StoreBusyError(StoreError):
    hint = "Try again in a moment; `waspada doctor` shows who holds the data folder."


class StoreFullError(StoreError):
    hint = "Free some space on this disk; nothing was half-written, and the work goes on where it stopped."


class ModelError(WaspadaError):
    pass


class AlreadyRunningError(WaspadaError):
    pass


class MissingExtraError(WaspadaError):
    pass
