"""Headers that say whether VAT is in their amounts."""

from __future__ import annotations

from kpi_core.layouts.vat_words import vat_of

SAYS = {
    "with": [
        "매출(VAT포함)", "금액 (부가세 포함)", "營收（含稅）", "Revenue incl. VAT", "Umsatz inkl. MwSt.",
        "Total (tax included)", "売上(税込)",
    ],
    "without": [
        "매출(VAT별도)", "금액(부가세 제외)", "금액(VAT 미포함)", "공급가액", "營收（未稅）", "營收(不含稅)",
        "Revenue excl. VAT", "Revenue (ex VAT)", "Umsatz ohne MwSt", "sales_without_tax", "売上(税抜)",
    ],
    "": ["매출", "revenue", "VAT", "Tax", "Amount (USD)", "Withheld tax", "세금", "稅額", "taxi incl"],
}  # fmt: skip


def test_a_header_says_whether_vat_is_in() -> None:
    """In three languages, German and Japanese; a column of the tax itself says nothing."""
    assert {header: vat_of(header) for headers in SAYS.values() for header in headers} == {
        header: basis for basis, headers in SAYS.items() for header in headers
    }
