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
* `segment.py`    one stretch of a program, and the call that ends it; takes the lock of `use_locking`
* `group.py`      which pointwise neighbours become one loop, chunk by chunk
* `memory.py`     the buffers that values of a run take turns in
* `check.py`      a proof that a bound program keeps the planner's promises
* `execute.py`    the one executor, for running and for stepping
* `straight.py`   the short way through a run that is like the one before
* `loops.py`      loops: parts of the graph that run many times
* `wheel.py`      loops that the machine turns by itself
* `shelves.py`    lists in the hands of the machine
* `stepping.py`   `session.start`: a run taken step by step
* `partial.py`    runs in several parts
* `trace.py`      when each operation of a run ran
* `fetches.py`    nested structures in, flat lists of tensors out
* `variables.py`  what a session remembers
* `config.py`     options of sessions and runs
* `devices.py`    the devices of this machine
* `gpu.py`        operations on a GPU: which go there, and how they run
"""
