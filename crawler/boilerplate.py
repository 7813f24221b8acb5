"""What stands in the body of Indonesian article pages and is no article: related links, share bars, calls to follow.

Patterns are the phrases that recur across outlets; whole lines go, and "Baca juga: ..." inside a paragraph goes up to
the end of its sentence only where it clearly is an inserted headline. Datelines ("BANJARMASIN, KOMPAS.com -") stay in
the text: they say where it happened; the comparison of wire copies strips them on its own side.
"""

from __future__ import annotations

import re

_RELATED = (
    r"(?:baca|simak|lihat|tonton|dengarkan|cek|klik|ikuti)\s+(?:juga|pula|selengkapnya|lainnya|berita|artikel|video|foto|"
    r"selanjutnya|di\s+sini)|artikel\s+(?:terkait|lainnya|menarik|ini\s+telah\s+tayang)|berita\s+(?:terkait|lainnya|populer|"
    r"terpopuler|terbaru|rekomendasi|pilihan)|(?:konten|video|topik|tag)\s+(?:terkait|lainnya|populer|menarik)|"
    r"(?:also\s+read|read\s+(?:also|more)|related\s+(?:articles?|stories|news)|see\s+also)|rekomendasi\s+untuk\s+anda|"
    r"pilihan\s+(?:editor|redaksi|untukmu)|jangan\s+lewatkan|terpopuler|trending\s+topic|halaman\s+selanjutnya"
)
_WHOLE_LINE = re.compile(
    rf"^(?:[\W_]*(?:{_RELATED})\b.*"
    r"|(?:bagikan|share|sebarkan|kirim|komentar|tulis\s+komentar|beri\s+komentar|comments?)\b.{0,60}"
    r"|(?:(?:facebook|twitter|whatsapp|telegram|line|instagram|x|email|copy\s+link|salin\s+(?:link|tautan)|pinterest|"
    r"linkedin|threads|google\s*\+|print|cetak)[\s,|·•/]*)+"
    r"|(?:\[?\s*gambas\s*:.*|\[?\s*advertisement\s*\]?|iklan|scroll\s+(?:to|untuk)\s+(?:continue|melanjutkan|resume).*|"
    r"advertisement.*|lanjutkan\s+membaca.*|sponsored.*)"
    r"|(?:dapatkan|ikuti|simak|pantau)\b.{0,80}(?:update|berita|whatsapp|telegram|google\s+news|breaking|saluran|channel|kanal).*"
    r"|.{0,80}(?:google\s+news|whatsapp\s+channel|saluran\s+whatsapp|grup\s+telegram|kanal\s+telegram).{0,120}"
    r"|(?:download|unduh|install|instal)\b.{0,40}(?:aplikasi|app)\b.*"
    r"|(?:copyright|hak\s+cipta|©).{0,160}|disclaimer\s*:.*|dilarang\s+(?:keras\s+)?mengambil.*"
    r"|(?:telah\s+)?di(?:lihat|baca)\s*:?\s*[\d.,]+\s*(?:kali|x)?|[\d.,]+\s*(?:views?|kali\s+dibaca|shares?)"
    r"|(?:tags?|label|topik|kata\s+kunci|keywords?)\s*:.{0,200}"
    r"|(?:penulis|editor|reporter|pewarta|uploader|redaktur|sumber\s+foto|fotografer|author|oleh)\s*\|?\s*:.{0,120}"
    r"|\|.{0,160}\||(?:selanjutnya|sebelumnya|next|prev(?:ious)?|halaman\s+\d+|\d+\s*/\s*\d+|show\s+all|lihat\s+semua)"
    r"|artikel\s+ini\s+(?:telah|sudah)\s+tayang.*|tonton\s+video.*)$",
    re.IGNORECASE | re.DOTALL,
)
#: "... kata dia. Baca juga: Judul Berita Lain Yang Disisipkan" at the end of a paragraph.
_TAIL = re.compile(r"(?<=[.!?\"”])\s*[\[(]?(?:baca|simak|lihat)\s+(?:juga|pula)\s*:.*$", re.IGNORECASE | re.DOTALL)
_LONGEST_LINE_TO_DROP = 300


def is_boilerplate(line: str) -> bool:
    """Whether a whole line is no part of the article. Long lines never are: a pattern there is a coincidence."""
    line = line.strip()
    return not line or (len(line) <= _LONGEST_LINE_TO_DROP and bool(_WHOLE_LINE.match(line)))


def without_boilerplate(text: str) -> str:
    """The text without such lines and tails, each paragraph on a line of its own."""
    kept = (_TAIL.sub("", line).strip() for line in text.splitlines() if not is_boilerplate(line))
    return "\n".join(" ".join(line.split()) for line in kept if line)
