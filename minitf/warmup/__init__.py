"""`minitf warmup`: the standard kernels, compiled before anybody waits for them.

Reading order:

* `operations.py`  every operation on its examples
* `models.py`      small networks of every kind, trained for a step
* `command.py`     runs all of these in several processes, and says how far it is
* `bundling.py`    what was compiled, put into the package (`make kernels`)

There is no list of kernels to keep: standard is what these programs need.
"""
