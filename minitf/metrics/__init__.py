"""tf.metrics: numbers that are gathered over many batches.

Each function makes local variables (initialize them with `tf.local_variables_initializer()`) and returns
(value, update_op): run `update_op` with each batch, and `value` to see what was gathered.  Reading order:

* `accumulating.py`  means, errors, accuracy
* `counts.py`        true and false positives and negatives, precision and recall
* `curves.py`        the same at many thresholds; the area under the curve
* `classes.py`       figures of each class
* `ranking.py`       precision and recall of the k best
"""

from minitf.metrics.accumulating import accuracy as accuracy
from minitf.metrics.accumulating import mean as mean
from minitf.metrics.accumulating import mean_absolute_error as mean_absolute_error
from minitf.metrics.accumulating import mean_cosine_distance as mean_cosine_distance
from minitf.metrics.accumulating import mean_relative_error as mean_relative_error
from minitf.metrics.accumulating import mean_squared_error as mean_squared_error
from minitf.metrics.accumulating import mean_tensor as mean_tensor
from minitf.metrics.accumulating import percentage_below as percentage_below
from minitf.metrics.accumulating import root_mean_squared_error as root_mean_squared_error
from minitf.metrics.classes import mean_iou as mean_iou
from minitf.metrics.classes import mean_per_class_accuracy as mean_per_class_accuracy
from minitf.metrics.counts import false_negatives as false_negatives
from minitf.metrics.counts import false_positives as false_positives
from minitf.metrics.counts import precision as precision
from minitf.metrics.counts import recall as recall
from minitf.metrics.counts import true_negatives as true_negatives
from minitf.metrics.counts import true_positives as true_positives
from minitf.metrics.curves import auc as auc
from minitf.metrics.curves import false_negatives_at_thresholds as false_negatives_at_thresholds
from minitf.metrics.curves import false_positives_at_thresholds as false_positives_at_thresholds
from minitf.metrics.curves import precision_at_thresholds as precision_at_thresholds
from minitf.metrics.curves import recall_at_thresholds as recall_at_thresholds
from minitf.metrics.curves import sensitivity_at_specificity as sensitivity_at_specificity
from minitf.metrics.curves import specificity_at_sensitivity as specificity_at_sensitivity
from minitf.metrics.curves import true_negatives_at_thresholds as true_negatives_at_thresholds
from minitf.metrics.curves import true_positives_at_thresholds as true_positives_at_thresholds
from minitf.metrics.ranking import average_precision_at_k as average_precision_at_k
from minitf.metrics.ranking import precision_at_k as precision_at_k
from minitf.metrics.ranking import precision_at_top_k as precision_at_top_k
from minitf.metrics.ranking import recall_at_k as recall_at_k
from minitf.metrics.ranking import recall_at_top_k as recall_at_top_k
from minitf.metrics.ranking import sparse_average_precision_at_k as sparse_average_precision_at_k
from minitf.metrics.ranking import sparse_precision_at_k as sparse_precision_at_k
