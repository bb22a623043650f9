"""tf.layers: parts of networks that make their own variables.

Each layer is a class (`Dense(10)`, to be called with inputs) and a function (`dense(inputs, 10)`, which
makes the object and calls it).  Reading order:

* `layer.py`           `Layer`: variables in a scope of their own, made at the first call
* `activations.py`     activations by name
* `dense.py`           dense, dropout, flatten
* `convolutional.py`   convolutions
* `transposed.py`      transposed convolutions
* `separable.py`       separable convolutions
* `pooling.py`         maxima and averages of windows
* `normalization.py`   batch normalization with moving averages
"""

from minitf.layers.convolutional import Conv1D as Conv1D
from minitf.layers.convolutional import Conv2D as Conv2D
from minitf.layers.convolutional import Conv3D as Conv3D
from minitf.layers.convolutional import conv1d as conv1d
from minitf.layers.convolutional import conv2d as conv2d
from minitf.layers.convolutional import conv3d as conv3d
from minitf.layers.dense import Dense as Dense
from minitf.layers.dense import Dropout as Dropout
from minitf.layers.dense import Flatten as Flatten
from minitf.layers.dense import dense as dense
from minitf.layers.dense import dropout as dropout
from minitf.layers.dense import flatten as flatten
from minitf.layers.layer import InputSpec as InputSpec
from minitf.layers.layer import Layer as Layer
from minitf.layers.normalization import BatchNormalization as BatchNormalization
from minitf.layers.normalization import batch_normalization as batch_normalization
from minitf.layers.pooling import AveragePooling1D as AveragePooling1D
from minitf.layers.pooling import AveragePooling2D as AveragePooling2D
from minitf.layers.pooling import AveragePooling3D as AveragePooling3D
from minitf.layers.pooling import MaxPooling1D as MaxPooling1D
from minitf.layers.pooling import MaxPooling2D as MaxPooling2D
from minitf.layers.pooling import MaxPooling3D as MaxPooling3D
from minitf.layers.pooling import average_pooling1d as average_pooling1d
from minitf.layers.pooling import average_pooling2d as average_pooling2d
from minitf.layers.pooling import average_pooling3d as average_pooling3d
from minitf.layers.pooling import max_pooling1d as max_pooling1d
from minitf.layers.pooling import max_pooling2d as max_pooling2d
from minitf.layers.pooling import max_pooling3d as max_pooling3d
from minitf.layers.separable import SeparableConv1D as SeparableConv1D
from minitf.layers.separable import SeparableConv2D as SeparableConv2D
from minitf.layers.separable import separable_conv1d as separable_conv1d
from minitf.layers.separable import separable_conv2d as separable_conv2d
from minitf.layers.transposed import Conv2DTranspose as Conv2DTranspose
from minitf.layers.transposed import Conv3DTranspose as Conv3DTranspose
from minitf.layers.transposed import conv2d_transpose as conv2d_transpose
from minitf.layers.transposed import conv3d_transpose as conv3d_transpose
