"""Files with a layout: fields to typed lines (`lines`), lines to rows of the model (`rows`), what did not fit."""
