"""What a checkpoint needs besides variables, so that a run goes on with the very same numbers.

Add these to the collection SAVEABLE_OBJECTS before the `Saver` is made:

    tf.add_to_collection(tf.GraphKeys.SAVEABLE_OBJECTS, tf.data.experimental.make_saveable_from_iterator(iterator))
    tf.add_to_collection(tf.GraphKeys.SAVEABLE_OBJECTS, tf.train.make_saveable_from_random_ops())

`docs/checkpoints.md` tells what else a run may depend on.
"""

from minitf.ops.positions import (
    deserialize_iterator,
    random_positions,
    restore_random_positions,
    serialize_iterator,
)
from minitf.training.saveables import SaveableObject, SaveSpec


class _IteratorSaveable(SaveableObject):
    def __init__(self, resource):
        name = f"{resource.name}-state"
        super().__init__(resource, [SaveSpec(serialize_iterator(resource), "", name)], name)

    def restore(self, restored_tensors, restored_shapes):
        return deserialize_iterator(self.op, restored_tensors[0])


class _RandomSaveable(SaveableObject):
    def __init__(self):
        outputs = random_positions(name="random_ops")
        names = ("random_ops/names", "random_ops/sizes", "random_ops/positions")
        specs = [SaveSpec(tensor, "", name) for tensor, name in zip(outputs, names, strict=True)]
        super().__init__(outputs[0], specs, "random_ops")

    def restore(self, restored_tensors, restored_shapes):
        return restore_random_positions(*restored_tensors)


def make_saveable_from_iterator(iterator, external_state_policy=None):
    """tf.data.experimental.make_saveable_from_iterator: how far an iterator has read, as something to be saved.

    Restored before the iterator begins, it takes effect when it does.  The elements before the place are
    computed once more and passed over; so the dataset must give the same elements in each run: seeds are set.
    """
    return _IteratorSaveable(iterator._resource)


def make_saveable_from_random_ops():
    """Where all random operations of the default graph stand, later ones included, as something to be saved.

    Without it, dropout and noise begin again with the first number of their streams in a resumed run, as they do
    in TensorFlow.  A Saver with it restores only checkpoints that were saved with it.
    """
    return _RandomSaveable()
