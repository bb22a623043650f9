"""The data structure: operations joined by tensors.  No numbers here.

Reading order:

* `dtypes.py`       element types (`tf.float32`) and their NumPy twins
* `shape.py`        `TensorShape`: sizes, some of which may be unknown
* `tensor_spec.py`  a shape and a dtype together
* `stack.py`        stacks of defaults, one per thread
* `origin.py`       which file, line and notebook cell made an operation; `minitf/errors.py` says it in messages
* `operation.py`    `Operation` and `Tensor`: a use of an op, and one of its outputs
* `collections.py`  `GraphKeys`, the standard names of collections
* `scopes.py`       what is open while operations are made: names, devices, control dependencies
* `explaining.py`   what a failed shape rule says
* `graph.py`        `Graph`: operations by name, collections, the default graph
* `replacement.py`  takes operations out again, where a notebook's cell runs anew
* `sparse.py`       `IndexedSlices`: some rows of a tensor; what a run returns for sparse values
* `function.py`     `FunctionGraph`: a Python function traced into a graph of its own
* `messages.py`     the messages of TensorFlow's files (GraphDef, Summary, Example ...)
* `serialization.py`  an operation as a node, an array as a TensorProto, and back
* `labels.py`       what TensorFlow calls the outputs of operations
* `writing.py`      a graph as a GraphDef, with the functions that loops and branches become
"""
