"""Recurrent networks: cells, and the loops that run a cell along a sequence.

Reading order:

* `cell.py`       what a cell is
* `cells.py`      BasicRNNCell, GRUCell, BasicLSTMCell, LSTMCell
* `wrappers.py`   cells made of cells: MultiRNNCell, DropoutWrapper, ResidualWrapper, DeviceWrapper
* `dynamic.py`    `dynamic_rnn`, `raw_rnn`: sequences of a length that only a run knows
* `static.py`     `static_rnn`: one copy of the cell for every step
* `both_ways.py`  bidirectional networks
"""

from minitf.rnn.both_ways import bidirectional_dynamic_rnn as bidirectional_dynamic_rnn
from minitf.rnn.both_ways import static_bidirectional_rnn as static_bidirectional_rnn
from minitf.rnn.cell import LayerRNNCell as LayerRNNCell
from minitf.rnn.cell import RNNCell as RNNCell
from minitf.rnn.cells import BasicLSTMCell as BasicLSTMCell
from minitf.rnn.cells import BasicRNNCell as BasicRNNCell
from minitf.rnn.cells import GRUCell as GRUCell
from minitf.rnn.cells import LSTMCell as LSTMCell
from minitf.rnn.cells import LSTMStateTuple as LSTMStateTuple
from minitf.rnn.dynamic import dynamic_rnn as dynamic_rnn
from minitf.rnn.dynamic import raw_rnn as raw_rnn
from minitf.rnn.static import static_rnn as static_rnn
from minitf.rnn.wrappers import DeviceWrapper as DeviceWrapper
from minitf.rnn.wrappers import DropoutWrapper as DropoutWrapper
from minitf.rnn.wrappers import MultiRNNCell as MultiRNNCell
from minitf.rnn.wrappers import ResidualWrapper as ResidualWrapper
