"""Which variables TensorBoard's projector shows as points, and with which labels and pictures.

The settings are written as a protocol buffer in text form, the file TensorBoard looks for in a log folder.
"""

import json
import os

FILE_NAME = "projector_config.pbtxt"


class _Message:
    """Fields in the order of `_fields`; those that are not set are not written."""

    _fields = ()

    def __init__(self, **kwargs):
        for name in self._fields:
            setattr(self, name, kwargs.get(name, ""))

    def lines(self):
        for name in self._fields:
            value = getattr(self, name)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, _Message):
                    inner = list(item.lines())
                    if inner or isinstance(value, list):
                        yield from (f"{name} {{", *(f"  {line}" for line in inner), "}")
                elif item != "":
                    yield f"{name}: {json.dumps(item)}"

    def __str__(self):
        return "".join(line + "\n" for line in self.lines())


class SpriteMetadata(_Message):
    """`image_path`: a picture that holds a small picture for each point; `single_image_dim`: [width, height]."""

    _fields = ("image_path", "single_image_dim")

    def __init__(self, image_path="", single_image_dim=()):
        super().__init__(image_path=image_path, single_image_dim=list(single_image_dim))


class EmbeddingInfo(_Message):
    """`tensor_name`: the variable; `metadata_path`: a file with a label in each line; `sprite`: pictures."""

    _fields = ("tensor_name", "metadata_path", "bookmarks_path", "tensor_shape", "sprite", "tensor_path")

    def __init__(self, tensor_name="", metadata_path="", bookmarks_path="", tensor_shape=(), tensor_path=""):
        super().__init__(tensor_name=tensor_name, metadata_path=metadata_path, bookmarks_path=bookmarks_path,
                         tensor_shape=list(tensor_shape), sprite=SpriteMetadata(), tensor_path=tensor_path)  # fmt: skip


class _Embeddings(list):
    def add(self, **kwargs):
        """A new EmbeddingInfo at the end of the list."""
        self.append(EmbeddingInfo(**kwargs))
        return self[-1]


class ProjectorConfig(_Message):
    """tf.contrib.tensorboard.plugins.projector.ProjectorConfig: `embeddings.add()` makes an entry to fill in."""

    _fields = ("model_checkpoint_path", "embeddings", "model_checkpoint_dir")

    def __init__(self, model_checkpoint_path="", model_checkpoint_dir=""):
        super().__init__(model_checkpoint_path=model_checkpoint_path, embeddings=_Embeddings(),
                         model_checkpoint_dir=model_checkpoint_dir)  # fmt: skip


def visualize_embeddings(summary_writer, config):
    """Write the settings into the folder of `summary_writer` (or a folder's path).  Raises ValueError without one."""
    folder = summary_writer if isinstance(summary_writer, (str, os.PathLike)) else summary_writer.get_logdir()
    if folder is None:
        raise ValueError("Summary writer must have a log directory")
    with open(os.path.join(folder, FILE_NAME), "w", encoding="utf-8") as file:
        file.write(str(config))
