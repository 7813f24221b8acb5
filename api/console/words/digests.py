"""What kinds of digests, their parts and their texts are called."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.digests.texts import Flaw

DIGEST_KINDS: dict[str, str] = {
    "harian": N_("Daily report"),
    "mingguan": N_("Weekly report"),
    "bulanan": N_("Monthly report"),
    "informasi": N_("Information report"),
    "atensi": N_("Attention report"),
    "khusus": N_("Special report"),
    "rekomendasi": N_("Recommendation"),
    "ralat": N_("Correction"),
}
DIGEST_BLOCKS: dict[str, str] = {
    "letterhead": N_("Letterhead"),
    "title": N_("Title"),
    "opening": N_("Opening"),
    "closing": N_("Closing"),
    "signature": N_("Office that signs"),
}
DIGEST_FORMATS: dict[str, str] = {
    "pdf": N_("PDF"),
    "html": N_("Mail (HTML)"),
    "text": N_("Plain text"),
    "chat": N_("Chat text"),
    "json": N_("JSON"),
}
#: What stands for a value in a text, and for which.
PLACEHOLDERS: dict[str, str] = {
    "wilayah": N_("name of the region"),
    "tanggal": N_("day"),
    "nomor": N_("number of the report"),
    "jumlah": N_("number of entries"),
}
#: Languages that a digest is written in.
DIGEST_LANGUAGES: dict[str, str] = {"id": N_("Indonesian"), "en": N_("English")}
#: Why a text is refused; %(block)s is which one, %(what)s what of it.
DIGEST_FLAWS: dict[str, str] = {
    Flaw.UNKNOWN: N_('There is no such text in a template ("%(what)s").'),
    Flaw.TOO_LONG: N_('The text "%(block)s" is too long (%(what)s characters).'),
    Flaw.NO_TITLE: N_("A report needs a title."),
    Flaw.PLACEHOLDER: N_('The text "%(block)s" holds {%(what)s}, which stands for nothing.'),
    Flaw.BRACE: N_('The text "%(block)s" has a brace that belongs to no value.'),
    Flaw.GUILT: N_('The text "%(block)s" names guilt or an article of law ("%(what)s"). Describe what happened.'),
}
