"""What customers see while every process of the system is killed, one after the other.

    python -m benchmarks.fault [--seed N] [--rounds 10] [--conversations 50] [--messages 20]
                               [--database both|sqlite|postgres] [--quick]

Half of the customers write in the widget, half through the generic webhook. The whole system runs
as `shopdesk run` starts it; its processes, and PostgreSQL, are killed with SIGKILL.

| file | what |
|---|---|
| `plan.py` | who writes when, what is sent twice, who is killed when: all from one seed |
| `journal.py` | what one customer sent and saw |
| `widget.py`, `webhook.py` | customers: they connect again, resume and send again as documented |
| `verdict.py` | reads the journals: lost, doubled, out of order, somebody else's |
| `questions.py` | questions whose answers are known, so that a wrong pairing shows |
| `run.py` | one run over one database |
| `report.py` | the table, and the story of the first failure |
"""
