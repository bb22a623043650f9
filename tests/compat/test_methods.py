"""TensorFlow's own old tests on minitf. `MINITF_TF_TESTS` names their folder; without it, nothing to run."""

import os
import textwrap

import pytest
from methods import find_files, methods_of, run_methods, summary

FOLDER = os.environ.get("MINITF_TF_TESTS", "")
BAR = 0.60


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not FOLDER, reason="MINITF_TF_TESTS names no folder of TensorFlow's tests")
def test_tensorflow_methods_pass():
    """As large a share of the methods as promised passes."""
    outcomes = {}
    for name in find_files(FOLDER):
        found = summary(FOLDER, name, run_methods(FOLDER, name, "minitf"))
        outcomes.update({f"{name}: {method}": outcome for method, outcome in found.items()})
    passed = sum(outcome == "pass" for outcome in outcomes.values())
    assert passed >= BAR * len(outcomes), f"{passed} of {len(outcomes)} pass"


def test_outcomes(tmp_path):
    """Each method is reported by itself, whatever the one before did."""
    (tmp_path / "some_test.py").write_text(
        textwrap.dedent("""
        import tensorflow as tf

        class Base(object):
            def testInherited(self):
                pass

        class SomeTest(Base, tf.test.TestCase):
            def testPass(self):
                with self.test_session():
                    self.assertAllEqual([2, 3], (tf.constant([1, 2]) + 1).eval())
            def testFail(self):
                self.assertAllClose([1.0], [1.1])
            def testError(self):
                raise KeyError("gone")

        class ZCrash(tf.test.TestCase):
            def testCrash(self):
                import os
                os._exit(3)
            def testNever(self):
                pass

        if __name__ == "__main__":
            setattr(SomeTest, "testGenerated", lambda self: None)
            tf.test.main()
        """)
    )
    assert len(methods_of(tmp_path / "some_test.py")) == 6
    records = run_methods(tmp_path, "some_test.py", "minitf")
    assert records["SomeTest.testGenerated"]["outcome"] == "pass"
    assert records["SomeTest.testError"]["message"] == "KeyError: 'gone'"
    assert summary(tmp_path, "some_test.py", records) == {
        "Base.testInherited": "pass", "SomeTest.testPass": "pass", "SomeTest.testFail": "fail",
        "SomeTest.testError": "error", "ZCrash.testCrash": "crash", "ZCrash.testNever": "not reached",
    }  # fmt: skip
