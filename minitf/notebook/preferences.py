"""What the settings of JupyterLab say to the kernels of its notebooks."""

from minitf.notebook.rerun import prefer_policy
from minitf.observe.limits import set_limits


def prefer(rerun=None, limits=None):
    """tf.notebook.prefer: defaults for this notebook; what its program chooses itself stands above them.

    `rerun` is a policy of `rerun_policy`; `limits` {"graph": kB, "curves": kB, "checkpoint": kB} says how large a
    display of each kind may become in the saved notebook.  Raises ValueError for what neither of them knows.
    """
    if rerun is not None:
        prefer_policy(rerun)
    if limits is not None:
        set_limits(**limits)
