"""tf.estimator: a model as one function, trained, evaluated and used by the same object.

Reading order:

* `spec.py`       what a model function returns, and the modes it is called in
* `inputs.py`     functions that give features and labels from arrays
* `estimator.py`  `Estimator`: builds a graph for each task and runs it
"""

from minitf.estimator import inputs as inputs
from minitf.estimator.estimator import Estimator as Estimator
from minitf.estimator.estimator import EvalSpec as EvalSpec
from minitf.estimator.estimator import TrainSpec as TrainSpec
from minitf.estimator.estimator import train_and_evaluate as train_and_evaluate
from minitf.estimator.spec import EstimatorSpec as EstimatorSpec
from minitf.estimator.spec import ModeKeys as ModeKeys
from minitf.estimator.spec import RunConfig as RunConfig
