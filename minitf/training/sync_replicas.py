"""`SyncReplicasOptimizer`: several workers' gradients are averaged before the variables move.

Each worker adds its gradients to an accumulator for each variable, and waits for a token.  When enough have come, the
chief's queue runner takes the means, makes the step, and puts a token, which is the number of the step, into a queue
for each worker.  Gradients of workers that are still at an older step are dropped.

The workers are threads of this process, or one alone: see `server.py`.
"""

from minitf import errors
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import control_dependencies, name_scope
from minitf.graph.sparse import IndexedSlices
from minitf.ops.accumulators import ConditionalAccumulator, SparseConditionalAccumulator
from minitf.ops.assignment import assign
from minitf.ops.control_flow import group, no_op
from minitf.ops.filling import fill
from minitf.ops.queues import FIFOQueue
from minitf.ops.variables import Variable, global_variables, report_uninitialized_variables
from minitf.training.hooks import SessionRunHook
from minitf.training.optimizer import Optimizer
from minitf.training.queue_runner import QueueRunner


class SyncReplicasOptimizer(Optimizer):
    """tf.train.SyncReplicasOptimizer: `opt` moves the variables by the mean of `replicas_to_aggregate` gradients.

    `total_num_replicas` workers (as many by default) get a token each step.  `variable_averages`, an
    `ExponentialMovingAverage`, follows `variables_to_average`.  Make the training operation by `minimize` with a
    `global_step`, and run it in a session with the hook of `make_session_run_hook`.
    """

    def __init__(self, opt, replicas_to_aggregate, total_num_replicas=None, variable_averages=None,
                 variables_to_average=None, use_locking=False, name="sync_replicas"):  # fmt: skip
        super().__init__(use_locking, name)
        self._opt, self._needed = opt, replicas_to_aggregate
        self._workers = replicas_to_aggregate if total_num_replicas is None else total_num_replicas
        self._averages, self._averaged = variable_averages, variables_to_average
        self._runner = None

    def compute_gradients(self, *args, **kwargs):
        """As `opt` does."""
        return self._opt.compute_gradients(*args, **kwargs)

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        """The operation of a worker: its gradients are added, then it waits for a token.

        Raises ValueError without variables or a `global_step`.
        """
        pairs = list(grads_and_vars)
        if not pairs:
            raise ValueError("Must supply at least one variable")
        if global_step is None:
            raise ValueError("Global step is required to check staleness")
        self._global_step = global_step
        self._local_step = Variable(0, trainable=False, collections=[GraphKeys.LOCAL_VARIABLES],
                                    dtype=global_step.dtype.base_dtype, name="sync_rep_local_step")  # fmt: skip
        self.local_step_init_op = assign(self._local_step, global_step)
        self.ready_for_local_init_op = report_uninitialized_variables(global_variables())
        with name_scope(None, self._name):
            accumulators, added, means = self._accumulate(pairs)
            with name_scope(""):
                update = self._opt.apply_gradients(means, global_step)
                token = self._exchange_tokens(added, update)
            steps = [a.set_global_step(global_step, name="SetGlobalStep") for a in accumulators]
            self.chief_init_op = group(self.local_step_init_op, *steps)
        return token

    def _accumulate(self, pairs):
        """(accumulators, operations that add the gradients, [(mean gradient, variable)])."""
        accumulators, added, means = [], [], []
        for gradient, variable in pairs:
            if gradient is None:
                means.append((None, variable))
                continue
            shared = f"{variable.name}/grad_accum"
            if isinstance(gradient, IndexedSlices):
                found = SparseConditionalAccumulator(gradient.dtype, shape=(), shared_name=shared)
                added.append(found.apply_indexed_slices_grad(gradient, local_step=self._local_step))
                means.append((found.take_indexed_slices_grad(self._needed), variable))
            else:
                found = ConditionalAccumulator(gradient.dtype, variable.shape, shared_name=shared)
                added.append(found.apply_grad(gradient, local_step=self._local_step))
                means.append((found.take_grad(self._needed), variable))
            accumulators.append(found)
        return accumulators, added, means

    def _exchange_tokens(self, added, update):
        """What a worker waits for after it has added its gradients; the queue runner that makes the steps."""
        dtype = self._global_step.dtype.base_dtype
        self._tokens = FIFOQueue(-1, dtype, shapes=(), name="sync_token_q", shared_name="sync_token_q")
        with control_dependencies(added):
            token = self._tokens.dequeue()
        waited = assign(self._local_step, token)
        with control_dependencies([update]):
            tokens = fill([max(self._workers, self._needed)], self._global_step.read_value())
            step = self._tokens.enqueue_many((tokens,))
        if self._averages is not None:
            with control_dependencies([step]):
                step = self._averages.apply(self._averaged)
        self._runner = _StepRunner(self._tokens, [step])
        return waited

    def get_chief_queue_runner(self):
        """The `QueueRunner` whose thread makes the steps.  Raises ValueError before `apply_gradients`."""
        self._check_applied("get_chief_queue_runner")
        return self._runner

    def get_init_tokens_op(self, num_tokens=-1):
        """The operation that puts the first tokens into the queue: `num_tokens`, or as many as a step needs.

        Raises ValueError before `apply_gradients`, and for fewer tokens than the first step needs.
        """
        self._check_applied("get_init_tokens_op")
        least = self._needed - self._workers
        if num_tokens == -1:
            num_tokens = self._needed
        elif num_tokens < least:
            raise ValueError(f"Too few tokens to finish the first step: {num_tokens} (given) vs {least} (needed)")
        with name_scope(""):
            if num_tokens <= 0:
                return no_op(name="no_init_tokens")
            return self._tokens.enqueue_many((fill([num_tokens], self._global_step),))

    def _check_applied(self, function):
        if self._runner is None:
            raise ValueError(f"{function}() should be called after apply_gradients().")

    def get_slot(self, *args, **kwargs):
        """As `opt` does."""
        return self._opt.get_slot(*args, **kwargs)

    def get_slot_names(self, *args, **kwargs):
        """As `opt` does."""
        return self._opt.get_slot_names(*args, **kwargs)

    def variables(self):
        """The variables of `opt`."""
        return self._opt.variables()

    def make_session_run_hook(self, is_chief, num_tokens=-1):
        """The hook that a worker's session needs; the chief's starts the tokens and the steps."""
        return _SyncReplicasHook(self, is_chief, num_tokens)


class _StepRunner(QueueRunner):
    """Its thread waits for gradients, which only the end of the session interrupts: so no coordinator waits for it."""

    def __init__(self, queue, enqueue_ops):
        ends = errors.OutOfRangeError, errors.CancelledError
        super().__init__(queue, enqueue_ops, queue_closed_exception_types=ends)

    def create_threads(self, sess, coord=None, daemon=False, start=False):
        return super().create_threads(sess, coord and _Unwaiting(coord), True, start)


class _Unwaiting:
    """A coordinator that hears of errors and tells of the stop, but waits for no thread."""

    def __init__(self, coord):
        self.should_stop, self.request_stop, self.wait_for_stop = (
            coord.should_stop, coord.request_stop, coord.wait_for_stop
        )  # fmt: skip

    def register_thread(self, thread):
        pass


class _SyncReplicasHook(SessionRunHook):
    def __init__(self, optimizer, is_chief, num_tokens):
        self._optimizer, self._is_chief, self._num_tokens = optimizer, is_chief, num_tokens

    def begin(self):
        optimizer = self._optimizer
        if self._is_chief:
            self._initialize, self._runner = optimizer.chief_init_op, optimizer.get_chief_queue_runner()
            self._first_tokens = optimizer.get_init_tokens_op(self._num_tokens)
        else:
            self._initialize, self._runner, self._first_tokens = optimizer.local_step_init_op, None, None

    def after_create_session(self, session, coord):
        missing = session.run(self._optimizer.ready_for_local_init_op)
        if len(missing):
            raise RuntimeError(f"Init operations did not make model ready for local_init: {missing.tolist()}")
        session.run(self._initialize)
        if self._runner is not None:
            session.run(self._first_tokens)
            self._runner.create_threads(session, coord=coord, daemon=True, start=True)
