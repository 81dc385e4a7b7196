"""The ways in beside the widget: what a channel is, and one module for each kind."""
