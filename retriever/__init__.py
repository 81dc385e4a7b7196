"""Passages to embeddings, to a FAISS index, to search."""
