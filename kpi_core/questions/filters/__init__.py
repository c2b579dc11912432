"""The part of the data that a question is about: values by their dimension or by themselves, and what is left out."""
