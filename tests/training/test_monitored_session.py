"""Sessions with hooks: they stop, save, restore and report."""

import logging
import os

import numpy as np
import pytest

import minitf as tf


@pytest.fixture
def model():
    tf.reset_default_graph()
    tf.summary.FileWriterCache.clear()
    step = tf.train.get_or_create_global_step()
    weight = tf.Variable(1.0, name="weight")
    tf.summary.scalar("weight", weight)
    with tf.control_dependencies([tf.assign_add(weight, 1.0)]):
        train = tf.assign_add(step, 1)
    yield weight, train
    tf.summary.FileWriterCache.clear()


def train_for(steps, train, **keywords):
    hooks = [tf.train.StopAtStepHook(num_steps=steps), *keywords.pop("hooks", [])]
    found = []
    with tf.train.MonitoredTrainingSession(hooks=hooks, **keywords) as session:
        while not session.should_stop():
            found.append(int(session.run(train)))
    return found


def test_stops_at_the_step(model):
    assert train_for(3, model[1]) == [1, 2, 3]


def test_saves_and_goes_on(model, tmp_path):
    assert train_for(2, model[1], checkpoint_dir=str(tmp_path), save_summaries_steps=1) == [1, 2]
    assert tf.train.latest_checkpoint(str(tmp_path)).endswith("model.ckpt-2")
    tf.get_default_graph()._unsafe_unfinalize()
    assert train_for(2, model[1], checkpoint_dir=str(tmp_path)) == [3, 4]
    events = next(f for f in os.listdir(tmp_path) if f.startswith("events"))
    kinds = [e.WhichOneof("what") for e in tf.train.summary_iterator(str(tmp_path / events))]
    assert {"file_version", "graph_def", "summary", "session_log"} <= set(kinds)


def test_logging(model):
    messages = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())
    logger = logging.getLogger("tensorflow")
    logger.addHandler(handler)
    level = tf.logging.get_verbosity()
    tf.logging.set_verbosity(tf.logging.INFO)
    try:
        hook = tf.train.LoggingTensorHook({"w": model[0]}, every_n_iter=2)
        train_for(4, model[1], hooks=[hook])
    finally:
        logger.removeHandler(handler)
        tf.logging.set_verbosity(level)
    assert len([m for m in messages if m.startswith("w = ")]) == 2


def test_nan(model):
    loss = tf.divide(model[0] - model[0], model[0] - model[0])
    with pytest.raises(tf.train.NanLossDuringTrainingError), np.errstate(invalid="ignore"):
        train_for(3, model[1], hooks=[tf.train.NanTensorHook(loss)])


def test_hooks_in_order(model):
    calls = []

    class Hook(tf.train.SessionRunHook):
        def begin(self):
            calls.append("begin")

        def after_create_session(self, session, coord):
            calls.append("created")

        def before_run(self, run_context):
            return tf.train.SessionRunArgs(model[0])

        def after_run(self, run_context, run_values):
            calls.append(float(run_values.results) > 0)

        def end(self, session):
            calls.append("end")

    train_for(2, model[1], hooks=[Hook()])
    assert calls == ["begin", "created", True, True, "end"]


def test_the_end_of_the_data_is_no_error(model):
    number = tf.data.Dataset.range(3).make_one_shot_iterator().get_next()
    found = []
    with tf.train.MonitoredSession() as session:
        while not session.should_stop():
            found.append(int(session.run(number)))
    assert found == [0, 1, 2]


def test_recovers_from_preemption(model, tmp_path):
    class Fails(tf.train.SessionRunHook):
        times = 0

        def after_run(self, run_context, run_values):
            self.times += 1
            if self.times == 3:
                raise tf.errors.AbortedError(None, None, "gone")

    found = train_for(5, model[1], hooks=[Fails()], checkpoint_dir=str(tmp_path), save_checkpoint_steps=1,
                      save_checkpoint_secs=None)  # fmt: skip
    assert found == [
        1,
        2,
        4,
        5,
    ]  # the third run failed behind its checkpoint: the step counts, its result is lost


def test_supervisor(model, tmp_path):
    supervisor = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=0)
    with supervisor.managed_session() as session:
        for _ in range(3):
            session.run(model[1])
        supervisor.saver.save(session, supervisor.save_path, global_step=3)
    assert tf.train.latest_checkpoint(str(tmp_path)).endswith("model.ckpt-3")
    with tf.train.Supervisor(graph=tf.get_default_graph(), logdir=str(tmp_path), summary_op=None, init_op=None,
                             local_init_op=None, ready_op=None, saver=supervisor.saver
                             ).managed_session() as session:  # fmt: skip
        assert session.run(model[0]) == 4
