"""Files that customers send: taken in, checked by their content, kept, and given out again."""
