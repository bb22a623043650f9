"""Checkpoints on the disk, in TensorFlow's own format (V2), without TensorFlow.

Reading order:

* `state.py`   the file `checkpoint`: which checkpoints there are; readers for users
* `bundle.py`  a checkpoint's index and data, written
* `reader.py`  the same, read: tensors by name
* `entries.py` what the index says of a tensor, and whether that can be true
* `table.py`   the sorted-string table of the index
* `snappy.py`  its blocks, where they are compressed
* `slices.py`  large variables saved in parts
* `ranged.py`  the only place where these files are opened to be read
* `damage.py`  the error for files that are damaged or lie; raised where each thing is read, in the files above
* `storage.py` where files are kept: the interface, the local disk
* `disk.py`    the operating system's calls that a safe save is made of
* `remote.py`  S3, Google's cloud, HDFS and others, by their URLs
* `commit.py`  how a new checkpoint takes the place of an older one
* `merging.py` several bundles become one
* `inspecting.py` what is in a checkpoint, printed
* `exchange.py` checkpoints to safetensors files and back
* `records.py` record files, of which TensorBoard's event files are made
* `media.py`   histograms, pictures and sounds for them
"""
