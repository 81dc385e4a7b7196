"""From a question and the passages found for it to a grounded answer with its sources."""
