"""Strings, sparse tensors, sets and lookup tables, held against TensorFlow."""

import numpy as np
import pytest

from tests.parity.compare import check, check_error

WORDS = ["hello", "world wide", "", "caf\xe9", "a string of more than sixteen", "x" * 40, "yz" * 50]
PLACES, OTHERS = np.array([[0, 1], [2, 0], [2, 3]]), np.array([[0, 1], [1, 3]])
D = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)


def test_numbers_as_text():
    def program(tf):
        return [
            tf.as_string([1.5, 1e10, -3.0, float("nan"), float("inf"), 1e-7]),
            tf.as_string([1.5], precision=2), tf.as_string([1.5], scientific=True), tf.as_string([1.5], shortest=True),
            tf.as_string([3, -4], width=5, fill="0"), tf.as_string([True, False]), tf.as_string([1 + 2j]),
            tf.as_string([3], width=6, fill="-"), tf.string_to_number(["1.5", "2e3", " 7 ", "inf", "0x1F"]),
            tf.string_to_number(["7"], tf.int32), tf.decode_raw(["abcd"], tf.uint8), tf.decode_raw(["abcd"], tf.int16),
            tf.decode_raw(["abcd", "efgh"], tf.int32, little_endian=False), tf.decode_raw([b"a\0\0\0"], tf.int32),
        ], {}  # fmt: skip

    check(program)


def test_cut_and_join():
    def program(tf):
        table = [["a", "b"], ["c", "d"]]
        return [
            tf.substr(["hello", "wor"], 1, 2), tf.substr(["hello", "world"], -3, 2),
            tf.substr(["hello", "world"], [1, 2], [2, 3]), tf.string_join(["a", ["b", "c"]], "-"),
            tf.reduce_join(table, 0), tf.reduce_join(table), tf.reduce_join(table, [1, 0], separator="-"),
            tf.reduce_join(table, [0, 1]), tf.reduce_join(table, 1, keep_dims=True),
            tf.string_split(["a b  c", "d"]), tf.string_split(["a,b;c"], ",;"), tf.string_split(["abc"], ""),
            tf.string_split(["a,,b"], ",", skip_empty=False), tf.strings.split(["a b", "c"]),
            tf.strings.split(["a,b,c", "c"], sep=",", maxsplit=1),
        ], {}  # fmt: skip

    check(program)


def test_each_string():
    def program(tf):
        w = tf.constant(WORDS)
        return [
            tf.string_to_hash_bucket(w, 1000), tf.string_to_hash_bucket_fast(w, 1 << 40),
            tf.string_to_hash_bucket_strong(w, 1 << 40, [123, 456]), tf.encode_base64(w), tf.encode_base64(w, pad=True),
            tf.decode_base64(tf.encode_base64(w)), tf.regex_replace(w, "[a-l]+", "<\\0>"),
            tf.regex_replace(w, tf.constant("l"), "x", replace_global=False), tf.strings.regex_full_match(w, "[a-z]+"),
            tf.strings.length(w), tf.strings.length(w, unit="UTF8_CHAR"), tf.strings.strip(["  a "]),
            tf.strings.lower(["ABc"]), tf.strings.upper(w),
        ], {}  # fmt: skip

    check(program)


def test_format():
    def program(tf):
        return [
            tf.strings.format("x {} y {}", (tf.constant([1.5, 2]), tf.constant("a"))),
            tf.strings.format("{}", tf.range(20)), tf.strings.format("{}", tf.constant([["a", "b"]])),
            tf.strings.format("{}", tf.constant(np.arange(24).reshape(2, 3, 4) / 7)),
            tf.strings.format("{}", tf.zeros([9, 9]), summarize=1), tf.strings.format("{}", tf.constant([True, False])),
        ], {}  # fmt: skip

    check(program)


def test_names():
    def program(tf):
        w, f = tf.placeholder(tf.string, [2], name="w"), tf.placeholder(tf.float32, [2, 2], name="f")
        return [
            tf.as_string(f), tf.string_join([w, "a"], name="j"), tf.string_split(w), tf.reduce_join(w, 0),
            tf.reduce_join(w), tf.substr(w, 0, 1), tf.regex_replace(w, "a", "b"), tf.string_to_hash_bucket_fast(w, 5),
            tf.strings.length(w), tf.strings.split(w), tf.decode_raw(w, tf.uint8), tf.string_strip(w),
            tf.strings.format("a {}", f), tf.Print(f, [f]), tf.print(f, "x", w),
        ], {w: ["ab", "cd"], f: [[1, 2], [3, 4.5]]}  # fmt: skip

    check(program, names=True)


def sparse(tf, places=PLACES, values=(1.0, -2.0, 3.0), shape=(3, 4)):
    return tf.SparseTensor(tf.constant(places, tf.int64), tf.constant(np.array(values, np.float32)),
                           tf.constant(np.array(shape, np.int64)))  # fmt: skip


def other(tf, shape=(3, 4)):
    return sparse(tf, OTHERS, (5.0, 6.0), shape)


SPARSE = {
    "dense": lambda tf: [
        tf.sparse_tensor_to_dense(sparse(tf)), tf.sparse_tensor_to_dense(sparse(tf), 7.0),
        tf.sparse_to_dense([1, 3], [5], 2.0), tf.sparse_to_dense([[0, 1]], [2, 2], [4], -1),
        tf.sparse_to_dense(2, [4], 1),
    ],
    "product": lambda tf: [
        tf.sparse_tensor_dense_matmul(sparse(tf), D.T), tf.sparse_tensor_dense_matmul(sparse(tf), D, adjoint_a=True),
        tf.sparse_tensor_dense_matmul(sparse(tf), D, adjoint_b=True),
    ],
    "sum": lambda tf: [
        tf.sparse_add(sparse(tf), other(tf)), tf.sparse_add(sparse(tf), D), tf.sparse_add(D, sparse(tf)),
        tf.sparse_add(sparse(tf), sparse(tf, OTHERS, (-1.0, 6.0)), 0.5),
    ],
    "joined": lambda tf: [
        tf.sparse_concat(1, [sparse(tf), other(tf)]), tf.sparse_concat(0, [sparse(tf), other(tf)]),
        tf.sparse_concat(1, [sparse(tf), other(tf, (5, 4))], expand_nonconcat_dim=True),
        tf.sparse_concat(-1, [sparse(tf), other(tf)]),
    ],
    "shaped": lambda tf: [
        tf.sparse_reorder(sparse(tf, PLACES[::-1])), tf.sparse_reshape(sparse(tf), [2, -1]),
        tf.sparse_slice(sparse(tf), [0, 1], [2, 2]), tf.sparse_slice(sparse(tf), [1, 0], [9, 9]),
        tf.sparse_split(sp_input=sparse(tf), num_split=3, axis=1), tf.sparse_transpose(sparse(tf)),
        tf.sparse_reset_shape(sparse(tf)), tf.sparse_reset_shape(sparse(tf), [5, 5]),
        tf.sparse_retain(sparse(tf), [True, False, True]), tf.sparse_fill_empty_rows(sparse(tf), 9.0),
        tf.sparse.expand_dims(sparse(tf), 1), tf.sparse.eye(2, 3), tf.sparse.from_dense([[0, 1], [2, 0]]),
    ],
    "reduced": lambda tf: [
        tf.sparse_reduce_sum(sparse(tf)), tf.sparse_reduce_sum(sparse(tf), 1),
        tf.sparse_reduce_sum(sparse(tf), [0], keep_dims=True), tf.sparse_reduce_sum_sparse(sparse(tf), 1),
        tf.sparse_reduce_max(sparse(tf), 1), tf.sparse_reduce_max_sparse(sparse(tf), 0), tf.sparse_softmax(sparse(tf)),
    ],
    "pairs": lambda tf: [
        tf.sparse_maximum(sparse(tf), other(tf)), tf.sparse_minimum(sparse(tf), other(tf)), sparse(tf) * D,
        sparse(tf) / D, sparse(tf) * D[0], sparse(tf) * 2.0,
    ],
    "merged": lambda tf: [
        tf.sparse_to_indicator(tf.SparseTensor(PLACES, tf.constant([1, 0, 2], tf.int64), [3, 4]), 5),
        tf.sparse_merge(tf.SparseTensor(PLACES, tf.constant([1, 0, 2], tf.int64), [3, 4]), sparse(tf), 5),
    ],
    "sets": lambda tf: [
        tf.sets.set_intersection([[1, 2, 2], [3, 4, 5]], [[2, 9], [5, 3]]), tf.sets.set_union([["a"]], [["b"]]),
        tf.sets.set_difference([[1, 2, 2], [3, 4, 5]], [[2, 9], [5, 3]]),
        tf.sets.set_difference([[1, 2, 2], [3, 4, 5]], [[2, 9], [5, 3]], aminusb=False),
        tf.sets.set_size(tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [1, 1, 2], [3, 2])),
        tf.sets.set_union(tf.constant([[1, 2]]), tf.SparseTensor([[0, 1]], [4], [1, 2])),
    ],
}  # fmt: skip


@pytest.mark.parametrize("make", SPARSE.values(), ids=SPARSE)
def test_sparse(make):
    check(lambda tf: (make(tf), {}))


def test_sparse_gradients():
    def program(tf):
        v = tf.placeholder_with_default(tf.constant([1.0, 2.0, 3.0]), [3])
        b = tf.placeholder_with_default(tf.constant(D), [3, 4])
        s = tf.SparseTensor(tf.constant(PLACES, tf.int64), v, tf.constant([3, 4], tf.int64))
        ys = [
            tf.sparse_tensor_to_dense(s), tf.sparse_tensor_dense_matmul(s, b, adjoint_b=True),
            tf.sparse_tensor_dense_matmul(s, b, adjoint_a=True), tf.sparse_add(s, b),
            tf.sparse_add(s, other(tf)).values, tf.sparse_reorder(s).values, tf.sparse_reduce_sum(s, 1),
            tf.sparse_softmax(s).values, tf.sparse_slice(s, [0, 0], [3, 2]).values,
            tf.sparse_fill_empty_rows(s, 9.0)[0].values, (s * b).values, (s / b).values,
        ]  # fmt: skip
        return [g for y in ys for g in tf.gradients(y * y, [v, b]) if g is not None], {}

    check(program)


@pytest.mark.parametrize("shape", [None, [3, 4], [None, 4]], ids=str)
def test_sparse_placeholder(shape):
    def program(tf):
        p = tf.sparse_placeholder(tf.float32, shape)
        value = tf.SparseTensorValue(PLACES, [1.0, 2.0, 3.0], [3, 4])
        return [tf.sparse_reduce_sum(p, 0), tf.sparse_tensor_to_dense(p)], {p: value}

    check(program)


def lookups(module, path):
    """Values found in tables, after their initializers have run."""
    with module.Graph().as_default(), module.Session() as session:
        lookup, index = module.lookup, module.lookup.TextFileIndex
        words = lookup.KeyValueTensorInitializer(["a", "b"], [1, 2])
        table = lookup.StaticHashTable(words, -1)
        ids = lookup.KeyValueTensorInitializer(module.constant(["a", "b"]), module.constant([0, 1], module.int64))
        buckets = lookup.StaticVocabularyTable(ids, 3)
        columns = lookup.StaticHashTable(lookup.TextFileInitializer(path, module.string, 0, module.int64, 1), -1)
        lines = lookup.StaticHashTable(
            lookup.TextFileInitializer(path, module.int64, index.LINE_NUMBER, module.string, index.WHOLE_LINE), "?"
        )
        found = [table.lookup(module.constant(["b", "q"])), table.size(), buckets.size(),
                 buckets.lookup(module.constant(["b", "zz", "yy", "q"])), columns.size(),
                 columns.lookup(module.SparseTensor([[0, 1]], ["y"], [1, 2])).values,
                 lines.lookup(module.constant([0, 2, 9], module.int64))]  # fmt: skip
        session.run(module.tables_initializer())
        session.run(module.tables_initializer())
        return session.run(found)


def test_lookup(tmp_path):
    import minitf
    from tests.parity.compare import compare_values, judge

    path = tmp_path / "words.txt"
    path.write_text("x\t4\ny\t5\nz\t6\n")
    compare_values(lookups(minitf, str(path)), lookups(judge(), str(path)))


def _table(tf, keys):
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, [1, 2]), -1)


REFUSED = {
    "substr": lambda tf: tf.substr(["hello", "w"], 2, 2),
    "no number": lambda tf: tf.string_to_number(["1x"]),
    "no whole number": lambda tf: tf.string_to_number(["1.5"], tf.int32),
    "raw size": lambda tf: tf.decode_raw(["abc"], tf.int16),
    "raw sizes": lambda tf: tf.decode_raw(["abc", "a"], tf.uint8),
    "precision": lambda tf: tf.as_string([1], precision=2),
    "join": lambda tf: tf.string_join([["a"], ["b", "c"]]),
    "base64": lambda tf: tf.decode_base64(["!"]),
    "pattern": lambda tf: tf.regex_replace(["a"], "(", ""),
    "holes": lambda tf: tf.strings.format("{} {}", [tf.constant(1)]),
    "no buckets": lambda tf: tf.string_to_hash_bucket_fast(["a"], 0),
    "join axes": lambda tf: tf.reduce_join([["a"]], [0, 0]),
    "print": lambda tf: tf.print(1, foo=2),
    "out of order": lambda tf: tf.sparse_to_dense([[1, 1], [0, 0]], [2, 2], [1, 2]),
    "outside": lambda tf: tf.sparse_to_dense([[1, 5]], [2, 2], [1]),
    "two tensors": lambda tf: tf.sparse_add(1, 2),
    "reshape": lambda tf: tf.sparse_reshape(sparse(tf), [5, 5]),
    "concat": lambda tf: tf.sparse_concat(0, [sparse(tf), sparse(tf, shape=(3, 9))]),
    "reset": lambda tf: tf.sparse_reset_shape(sparse(tf), [1, 1]),
    "split": lambda tf: tf.sparse_split(sparse(tf), 2, 1),
    "matmul": lambda tf: tf.sparse_tensor_dense_matmul(sparse(tf), D),
    "not initialized": lambda tf: _table(tf, ["a", "b"]).lookup(tf.constant(["b"])),
    "two values": lambda tf: _table(tf, ["a", "a"]).initializer,
    "key dtype": lambda tf: _table(tf, ["a", "b"]).lookup(tf.constant([1])),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_refused(make):
    check_error(lambda tf: (make(tf), {}))
