"""From fetches to numbers.

All state of minitf lives in three places:

1. the **graph** (`minitf.graph`): it grows, and never holds a value;
2. the **frame** of one run (`execute.py`): the values of that run, thrown away at its end;
3. the **variables** of one session (`variables.py`): everything that outlives a run - variables,
   positions of random streams, queues.  A value is replaced, or written in place only while
   nobody else can see it.

Reading order:

* `session.py`    `Session.run`: what is fetched and fed, checked before anything runs
* `plan.py`       which operations, in which order
* `program.py`    a plan bound to shapes: segments of machine instructions, and calls of Python
* `execute.py`    the one executor, for running and for stepping
* `variables.py`  what a session remembers
"""
