"""The only public server: widget, conversations, ratings."""
