"""`tf.test.Benchmark`: how long an operation takes in a session."""

import statistics
import time


class Benchmark:
    """Base of classes whose `benchmark...` methods measure something."""

    def run_op_benchmark(
        self, sess, op_or_tensor, feed_dict=None, burn_iters=2, min_iters=10, name=None, **ignored
    ):
        """Run an operation `burn_iters` times unmeasured, then `min_iters` times, and report the median.

        Returns:
            dict: `iters`, `wall_time` (seconds, the median), `name`.
        """
        del ignored
        target = getattr(op_or_tensor, "op", op_or_tensor)
        times = []
        for iteration in range(burn_iters + min_iters):
            begin = time.perf_counter()
            sess.run(target, feed_dict=feed_dict)
            if iteration >= burn_iters:
                times.append(time.perf_counter() - begin)
        return self.report_benchmark(iters=min_iters, wall_time=statistics.median(times), name=name)

    def report_benchmark(
        self, iters=None, cpu_time=None, wall_time=None, throughput=None, extras=None, name=None
    ):
        """Print a measurement and return it as a dict."""
        measured = {
            "name": name or type(self).__name__, "iters": iters, "cpu_time": cpu_time, "wall_time": wall_time,
            "throughput": throughput, "extras": extras,
        }  # fmt: skip
        measured = {key: value for key, value in measured.items() if value is not None}
        print(" ".join(f"{key}={value}" for key, value in measured.items()))
        return measured
