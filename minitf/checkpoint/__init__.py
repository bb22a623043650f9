"""Checkpoints on the disk, in TensorFlow's own format (V2), without TensorFlow.

Reading order:

* `state.py`   the file `checkpoint`: which checkpoints there are; readers for users
* `bundle.py`  a checkpoint's index and data: tensors by name
* `table.py`   the sorted-string table of the index
* `slices.py`  large variables saved in parts
* `records.py` record files, of which TensorBoard's event files are made
* `media.py`   histograms, pictures and sounds for them
"""
