"""What `tf.test` offers to people who test their own graphs.

Files, in reading order:
    case.py              `TestCase`: a fresh graph and a session for each test
    assertions.py        what a test can claim of arrays, tensors, errors and messages
    threads.py           threads whose failure fails the test
    gradient_checker.py  gradients by the engine against gradients by differences
    benchmark.py         `Benchmark`: how long an operation takes
"""
