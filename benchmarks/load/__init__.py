"""How many messages a second, and where the time goes, beside many idle sockets.

    python -m benchmarks.load [--rounds 5] [--talking 16] [--idle 500] [--messages 20]

Measured in turns within one run, so that what else the machine does weighs on all alike:

- `rasa`: Rasa alone, as it comes, over its own REST channel; its action server has one empty
  action. The model is the same.
- `gateway`: the whole system over WebSockets, with the same empty action, beside idle sockets.
- `whole`: the whole system with the real actions, beside idle sockets.

| file | what |
|---|---|
| `stack.py` | the processes, with addresses of the benchmark's own between them |
| `empty_actions.py` | an action server that does nothing |
| `proxy.py` | stands between the gateway and Rasa, and writes down when each question passed |
| `idle.py` | open widgets in which nobody writes, in a process of their own |
| `talk.py` | customers who write again as soon as they are answered |
| `figures.py`, `plot.py` | medians, percentiles, a picture |
"""
