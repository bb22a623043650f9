"""What is in a checkpoint, printed: TensorFlow's `inspect_checkpoint`.

    python -m minitf.checkpoint.inspecting CHECKPOINT [--tensor NAME | --all]
"""

import argparse
import re

from minitf.checkpoint.state import load_checkpoint


def print_tensors_in_checkpoint_file(file_name, tensor_name, all_tensors, all_tensor_names=False,
                                     count_exclude_pattern=""):  # fmt: skip
    """Print what the checkpoint of this prefix holds, line by line as TensorFlow's tool of this name does.

    Names, dtypes and shapes; with `all_tensors` the values as well; or only the tensor `tensor_name`.  Then the
    number of elements, without those of tensors whose names match `count_exclude_pattern`.
    Raises NotFoundError where there is no such checkpoint, DataLossError where it is damaged.
    """
    reader = load_checkpoint(file_name)
    names = sorted(reader.entries)
    if tensor_name and not (all_tensors or all_tensor_names):
        if not reader.has_tensor(tensor_name):
            print(f"Tensor {tensor_name} not found in checkpoint")
            return
        _print_tensor(reader, tensor_name, True)
    elif all_tensors or all_tensor_names:
        for name in names:
            _print_tensor(reader, name, all_tensors)
    else:
        print(reader.debug_string().decode())
    excluded = [n for n in names if count_exclude_pattern and re.search(count_exclude_pattern, n)]
    if count_exclude_pattern:
        count = sum(reader.entries[n].count for n in excluded)
        print(f"# Excluding {len(excluded)} tensors ({count} params) that match {count_exclude_pattern} when counting.")
    print(f"# Total number of params: {sum(reader.entries[n].count for n in names if n not in excluded)}")


def _print_tensor(reader, name, with_value):
    entry = reader.entries[name]
    print(f"tensor: {name} ({entry.kind.name}) {list(entry.sizes)}")
    if with_value:
        print(reader.get_tensor(name))


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m minitf.checkpoint.inspecting", description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", help="a prefix (model-100) or a folder of checkpoints")
    parser.add_argument("--tensor", default="", help="print the value of this one")
    parser.add_argument("--all", action="store_true", help="print all values")
    options = parser.parse_args(arguments)
    print_tensors_in_checkpoint_file(options.checkpoint, options.tensor, options.all)


if __name__ == "__main__":
    main()
