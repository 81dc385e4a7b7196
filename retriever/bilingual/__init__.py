"""The default embedder: MiniLM, taught Chinese words and how customers ask shops."""
