"""Labels describe (design, rule 7): no text of the product names guilt or an article of law. What it looks like."""

from __future__ import annotations

import re

NAMES_GUILT = re.compile(
    r"\b(bersalah|pelaku|tersangka|terdakwa|pelanggar|kriminal|guilty|culprit|offender|pasal \d+)\b", re.IGNORECASE
)
