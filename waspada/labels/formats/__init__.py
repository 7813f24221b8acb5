"""Labels in and out of files: our own JSON lines, Label Studio, Argilla. Streaming; nothing here touches a store.

Each module has `read(chunks)`, which yields a LabelRecord for each answer and a BadRecord for each that was not taken,
and `write(records)`, which yields the pieces of the file. Records of one item must follow one another.
"""

from __future__ import annotations
