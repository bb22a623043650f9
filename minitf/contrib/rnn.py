"""tf.contrib.rnn: cells, and the loops around them.  Re-exports only."""

import minitf.rnn_cell as core_rnn_cell
from minitf.contrib.cells import ConvLSTMCell as ConvLSTMCell
from minitf.contrib.cells import HighwayWrapper as HighwayWrapper
from minitf.contrib.cells import LayerNormBasicLSTMCell as LayerNormBasicLSTMCell
from minitf.contrib.cells import UGRNNCell as UGRNNCell
from minitf.contrib.cells import stack_bidirectional_dynamic_rnn as stack_bidirectional_dynamic_rnn
from minitf.rnn.both_ways import static_bidirectional_rnn as static_bidirectional_rnn
from minitf.rnn.cell import LayerRNNCell as LayerRNNCell
from minitf.rnn.cell import RNNCell as RNNCell
from minitf.rnn.cells import BasicLSTMCell as BasicLSTMCell
from minitf.rnn.cells import BasicRNNCell as BasicRNNCell
from minitf.rnn.cells import GRUCell as GRUCell
from minitf.rnn.cells import LSTMCell as LSTMCell
from minitf.rnn.cells import LSTMStateTuple as LSTMStateTuple
from minitf.rnn.static import static_rnn as static_rnn
from minitf.rnn.wrappers import DeviceWrapper as DeviceWrapper
from minitf.rnn.wrappers import DropoutWrapper as DropoutWrapper
from minitf.rnn.wrappers import EmbeddingWrapper as EmbeddingWrapper
from minitf.rnn.wrappers import InputProjectionWrapper as InputProjectionWrapper
from minitf.rnn.wrappers import MultiRNNCell as MultiRNNCell
from minitf.rnn.wrappers import OutputProjectionWrapper as OutputProjectionWrapper
from minitf.rnn.wrappers import ResidualWrapper as ResidualWrapper

LSTMBlockCell, GRUBlockCell, GRUBlockCellV2 = BasicLSTMCell, GRUCell, GRUCell
