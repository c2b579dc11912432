"""Files with a layout: fields to typed lines (`typed_lines`), lines to rows (`folded_rows`), what did not fit."""
