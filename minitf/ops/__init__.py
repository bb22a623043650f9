"""What can be computed: each operation complete in one class.

Reading order:

* `op.py`                 what an op says about itself; start here
* `inputs.py`             from Python values to the inputs of an operation
* `elementwise.py`        ops that one scalar function describes
* `numeric.py`            the elementwise ops of one and of two numbers
* `examples.py`           small inputs on which the tests try every op
* `structure.py`          nested lists and dictionaries of tensors
* `constant.py`           constants, placeholders, `convert_to_tensor`

Numbers, one by one:

* `arithmetic.py`         add, subtract, multiply, negate, square, maximum, sign ...
* `division.py`           the many kinds of division and remainder
* `powers.py`             powers, roots, reciprocals
* `exponentials.py`       exp, log and their kin
* `trigonometry.py`       sin, cos, tan, their inverses, and the hyperbolic ones
* `rounding.py`           floor, ceil, round
* `comparison.py`         less, equal and their kin
* `logic.py`              and, or, not
* `bitwise.py`            and, or, xor, shifts on the bits of integers
* `selection.py`          where: one or the other, element by element
* `clipping.py`           values and norms held within limits
* `fake_quantization.py`  numbers rounded to what a few bits can hold
* `casting.py`            the same numbers in another dtype
* `special_functions.py`  gamma, beta, error function, zeta
* `complex_numbers.py`    put together, taken apart, conjugated
* `rectifiers.py`         relu and its kin
* `activations.py`        sigmoid, tanh, softplus and other smooth nonlinearities
* `operators.py`          what Python's operators on tensors become

Numbers, many at once:

* `broadcasting.py`       which axes were repeated, and how gradients sum over them
* `aggregation.py`        sums of several tensors
* `reductions.py`         sum, mean, maximum ... along axes
* `statistics.py`         what sums are made into: variances, norms, logarithms of sums of exponentials
* `cumulative.py`         running sums and products
* `segments.py`           reductions over groups of rows, in any order
* `sorted_segments.py`    the same where the rows of a group are neighbours
* `ordering.py`           sort, the k largest
* `searching.py`          where numbers belong in sorted sequences
* `uniqueness.py`         distinct values; inverse permutations
* `histograms.py`         counts of values
* `matmul.py`             matrix products
* `contraction.py`        tensordot and einsum
* `linear_algebra.py`     solve, invert; determinants and norms
* `factorization.py`      Cholesky, QR, eigenvalues, singular values
* `diagonals.py`          diagonals and triangles of matrices
* `spectral.py`           Fourier transforms
* `frames.py`             sound in pieces; cosine transforms

Shapes and places:

* `array.py`              shape, reshape, identity
* `filling.py`            zeros, ones, fill
* `ranges.py`             evenly spaced numbers
* `joining.py`            concat, stack, split
* `transposing.py`        axes in another order
* `slicing.py`            `x[1:, ::-2]`, and assignment to it
* `gathering.py`          rows and elements by index
* `scattering.py`         the reverse: values to places, in tensors and in variables
* `padding.py`            borders
* `tiling.py`             repetition
* `reversing.py`          axes backwards, sequences backwards, rolls
* `masking.py`            masks: made of lengths, used to choose
* `encoding.py`           one_hot
* `partitioning.py`       rows dealt out to several tensors, and put together again
* `blocks.py`             space to batch, space to depth

Neural networks:

* `windows.py`            where a window slides: what convolution and pooling share
* `convolution.py`        convolutions of pictures and their gradients
* `convolution3d.py`      convolutions of volumes
* `convolution_functions.py`  the functions of tf.nn made of them, of any rank: dilated, in one dimension, transposed
* `depthwise.py`          one filter per channel
* `pooling.py`            maximum and average of windows
* `pooling3d.py`          the same in volumes
* `pooling_functions.py`  the functions of tf.nn made of them
* `fractional_pooling.py` windows of two sizes, so that factors need not be whole
* `morphology.py`         dilation and erosion
* `normalization.py`      fused batch normalization, local response
* `moments.py`            means, variances, and normalization made of them
* `lstm.py`               a layer of long short-term memory cells
* `bias.py`               a number for each channel, added
* `softmax.py`            softmax, and its logarithm
* `cross_entropy.py`      the losses of classes, from logits
* `weighting.py`          weights of losses and metrics
* `logistic.py`           losses of yes-or-no questions and of counts, from logits
* `dropout.py`            dropout
* `embedding.py`          rows of a table, looked up
* `candidates.py`         losses with sampled classes
* `connectionist.py`      connectionist temporal classification
* `resizing.py`           pictures of another size
* `images.py`             pictures turned, cropped, padded
* `colors.py`             pictures recoloured
* `image_files.py`        pictures from and to files
* `image_quality.py`      how much pictures differ, and vary
* `patches.py`            windows and boxes of pictures

Randomness, state, order:

* `random.py`             random numbers, equal to TensorFlow's
* `stateless_random.py`   random numbers that depend on a seed alone
* `random_words.py`       random words for operations that Python runs
* `random_boxes.py`       random parts of pictures
* `assignment.py`         the operations that hold a value and write it
* `variables.py`          `tf.Variable`
* `initializing.py`       the values that variables begin with
* `named_variables.py`    variables found by their names
* `variable_scope.py`     `get_variable`, scopes that share variables
* `partitioned_variables.py`  variables in several parts
* `template.py`           functions that share their variables among calls
* `updates.py`            the update rules of optimizers
* `sparse_updates.py`     the same for some rows of a variable
* `control_flow.py`       group, tuple, cond, case
* `switching.py`          switch_case
* `loops.py`              while_loop
* `loop_nodes.py`         how loops are written to a GraphDef
* `lists.py`              lists of tensors, as values
* `rows.py`               lists whose elements lie one after another
* `list_nodes.py`         how lists are written to a GraphDef
* `tensor_array.py`       TensorArray
* `list_gradients.py`     lists of gradients
* `functional.py`         map_fn, scan, foldl
* `handles.py`            tensors that stay in a session
* `python_function.py`    `py_func`: Python inside a graph
* `checking.py`           assertions on values
* `properties.py`         assertions on ranks, dtypes and shapes
* `printing.py`           tensors written to the terminal

Other values:

* `strings.py`            strings: measured, cut, joined, searched, hashed
* `string_conversion.py`  strings and numbers, strings and bytes; split and joined along axes
* `ngrams.py`             neighbouring words joined
* `hashing.py`            hash functions of strings
* `sparse_tensor.py`      `SparseTensor`
* `sparse.py`             sparse tensors added, multiplied, made dense
* `sparse_scaling.py`     sparse tensors times dense ones, element by element
* `sparse_reductions.py`  sums and maxima of sparse tensors, softmax
* `sparse_shaping.py`     sparse tensors cut, joined, in another order or shape
* `sparse_composition.py` what is made of these
* `sparse_serialization.py` sparse tensors as strings
* `sets.py`               sets of numbers or strings, in rows
* `edit_distance.py`      how far sequences are apart
* `tables.py`             tables from keys to values: their operations
* `lookup.py`             tables as programs use them
* `queues.py`             queues
* `queue_operations.py`   the operations of queues
* `waiting.py`            what is inside a queue: elements, a lock, threads that wait
* `accumulators.py`       gradients from many places, summed until enough have come
* `reading.py`            files and records
* `csv.py`                lines of comma-separated values
* `parsing.py`            examples
* `sequence_parsing.py`   examples that are sequences
* `datasets.py`           streams of elements: from arrays, mapped, shuffled, repeated
* `dataset_batches.py`    streams of several elements at a time
* `dataset_files.py`      datasets of what files hold
* `functions.py`          Python functions traced once: what datasets map over elements
* `iterators.py`          where a session stands in a stream of elements
* `positions.py`          how far iterators have read, and random operations drawn
* `summaries.py`          summaries for TensorBoard
* `saving.py`             variables to files and back
* `importing.py`          operations from a GraphDef
* `trust.py`              what a graph from a file may not do
* `adding.py`             an operation of a file, if it fits its definition
* `imported_functions.py` the functions that such a graph calls
* `old_loops.py`          the loops of TensorFlow 1, as functions
* `old_branches.py`       its branches
* `old_arrays.py`         its TensorArrays and stacks
* `old_nodes.py`          the nodes that these rewrite
* `translating.py`        later operations, said in those of minitf
"""
