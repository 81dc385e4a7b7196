"""The widget's side: the WebSocket protocol, and in ``static/`` the widget itself."""
