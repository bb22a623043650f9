"""tf.nn.rnn_cell: the cells of recurrent networks."""

from minitf.rnn.cell import RNNCell as RNNCell
from minitf.rnn.cells import BasicLSTMCell as BasicLSTMCell
from minitf.rnn.cells import BasicRNNCell as BasicRNNCell
from minitf.rnn.cells import GRUCell as GRUCell
from minitf.rnn.cells import LSTMCell as LSTMCell
from minitf.rnn.cells import LSTMStateTuple as LSTMStateTuple
from minitf.rnn.wrappers import DeviceWrapper as DeviceWrapper
from minitf.rnn.wrappers import DropoutWrapper as DropoutWrapper
from minitf.rnn.wrappers import MultiRNNCell as MultiRNNCell
from minitf.rnn.wrappers import ResidualWrapper as ResidualWrapper
