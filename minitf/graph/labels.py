"""What TensorFlow calls the outputs of its operations: inside a function, `node:label:index` is a tensor's name.

Taken from TensorFlow's registry, which `tests/parity/test_functions.py` compares it with.
"""

_LABELS = {
    "y": (
        "Abs Acos Acosh Asin Asinh Atan Atanh BesselI0e BesselI1e Cast Ceil ComplexAbs "
        "ConjugateTranspose Cos Cosh Digamma Erf Erfc Exp Expm1 Floor Inv Invert InvertPermutation "
        "IsFinite IsInf IsNan Lgamma Log Log1p LogicalNot Neg OnesLike PopulationCount Reciprocal Rint "
        "Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square Tan Tanh Transpose ZerosLike"
    ),
    "z": (
        "Add AddV2 ApproximateEqual Atan2 Betainc BitwiseAnd BitwiseOr BitwiseXor Div DivNoNan Equal "
        "FloorDiv FloorMod Greater GreaterEqual Igamma IgammaGradA Igammac LeftShift Less LessEqual "
        "LogicalAnd LogicalOr Maximum Minimum Mod Mul MulNoNan NotEqual Polygamma Pow RealDiv "
        "ReciprocalGrad RightShift RsqrtGrad SigmoidGrad SqrtGrad SquaredDifference Sub TanhGrad "
        "TruncateDiv TruncateMod Xdivy Xlog1py Xlogy Zeta"
    ),
    "handle": (
        "BatchDatasetV2 CacheDataset ConcatenateDataset EmptyTensorList FIFOQueueV2 FilterDataset "
        "FixedLengthRecordDatasetV2 FlatMapDataset GeneratorDataset GetSessionHandle InterleaveDataset IteratorV2 "
        "MapDataset OneShotIterator PaddedBatchDatasetV2 PaddingFIFOQueueV2 PrefetchDataset "
        "PriorityQueueV2 RandomShuffleQueueV2 RangeDataset RepeatDataset ScanDataset ShardDataset "
        "ShuffleDataset SkipDataset StackV2 TFRecordDataset TakeDataset TensorDataset TensorListReserve "
        "TensorSliceDataset TextLineDataset UnbatchDataset ZipDataset"
    ),
    "out": (
        "ApplyAdadelta ApplyAdagrad ApplyAdagradDA ApplyAdam ApplyCenteredRMSProp ApplyFtrl ApplyFtrlV2 "
        "ApplyGradientDescent ApplyMomentum ApplyProximalAdagrad ApplyProximalGradientDescent "
        "ApplyRMSProp Complex Cumprod Cumsum CumulativeLogsumexp HistogramFixedWidth SparseApplyAdadelta "
        "SparseApplyAdagrad SparseApplyAdagradDA SparseApplyCenteredRMSProp SparseApplyFtrl "
        "SparseApplyFtrlV2 SparseApplyMomentum SparseApplyProximalAdagrad "
        "SparseApplyProximalGradientDescent SparseApplyRMSProp"
    ),
    "output_ref": (
        "Assign AssignAdd AssignSub ScatterAdd ScatterDiv ScatterMax ScatterMin ScatterMul ScatterNdAdd "
        "ScatterNdSub ScatterNdUpdate ScatterSub ScatterUpdate StridedSliceAssign"
    ),
    "activations": "Elu LeakyRelu Relu Relu6 Selu Softplus Softsign",
    "backprops": (
        "EluGrad FakeQuantWithMinMaxArgsGradient LeakyReluGrad Relu6Grad ReluGrad SeluGrad SoftplusGrad "
        "SoftsignGrad"
    ),
    "output_handle": (
        "TensorListFromTensor TensorListPushBack TensorListResize TensorListScatterIntoExistingList "
        "TensorListScatterV2 TensorListSetItem TensorListSplit"
    ),
    "components": (
        "IteratorGetNext OptionalGetValue QueueDequeueManyV2 QueueDequeueUpToV2 QueueDequeueV2 "
        "ReduceDataset"
    ),
    "summary": "AudioSummaryV2 HistogramSummary ImageSummary MergeSummary ScalarSummary TensorSummaryV2",
    "i cs f o ci co h": "BlockLSTM",
    "image": "DecodeBmp DecodeGif DecodeImage DecodeJpeg DecodePng",
    "output_indices output_values output_shape": (
        "SparseConcat SparseReduceMaxSparse SparseReduceSumSparse SparseSlice SparseSplit"
    ),
    "reader_handle": (
        "FixedLengthRecordReaderV2 IdentityReaderV2 TFRecordReaderV2 TextLineReaderV2 WholeFileReaderV2"
    ),
    "sampled_candidates true_expected_count sampled_expected_count": (
        "AllCandidateSampler FixedUnigramCandidateSampler LearnedUnigramCandidateSampler "
        "LogUniformCandidateSampler UniformCandidateSampler"
    ),
    "product": "Cross MatMul SparseMatMul SparseTensorDenseMatMul",
    "resized_images": "ResizeArea ResizeBicubic ResizeBilinear ResizeNearestNeighbor",
    "size": "LookupTableSizeV2 QueueSizeV2 SetSize TensorArraySizeV3",
    "contents": "EncodeJpeg EncodePng ReadFile",
    "flow_out": "TensorArrayScatterV3 TensorArraySplitV3 TensorArrayWriteV3",
    "indices values shape": "SparseAccumulatorTakeGradient StringSplit StringSplitV2",
    "output_indices output_values": "SparseReorder SparseSparseMaximum SparseSparseMinimum",
    "result_indices result_values result_shape": (
        "DenseToDenseSetOperation DenseToSparseSetOperation SparseToSparseSetOperation"
    ),
    "value": "GetSessionTensor ReadVariableOp TensorArrayGatherV3 TensorArrayReadV3",
    "decoded_indices decoded_values decoded_shape log_probability": (
        "CTCBeamSearchDecoder CTCGreedyDecoder"
    ),
    "diagonal": "DiagPart MatrixDiagPartV3",
    "is_initialized": "IsVariableInitialized VarIsInitializedOp",
    "keys values": "LookupTableExportV2 ReaderReadUpToV2",
    "loss backprop": "SoftmaxCrossEntropyWithLogits SparseSoftmaxCrossEntropyWithLogits",
    "merged": "DynamicStitch ParallelDynamicStitch",
    "optional": "OptionalFromValue OptionalNone",
    "serialized": "SerializeIterator SerializeTensor",
    "serialized_sparse": "SerializeManySparse SerializeSparse",
    "table_handle": "HashTableV2 MutableHashTableV2",
    "values": "LookupTableFindV2 TensorListGather",
    "y batch_mean batch_variance reserve_space_1 reserve_space_2": "FusedBatchNorm FusedBatchNormV2",
    "y idx": "Unique UniqueV2",
    "a_val_grad b_val_grad": "SparseAddGrad",
    "average": "AccumulatorTakeGradient",
    "band": "MatrixBandPart",
    "backprops_wrt_input backprop_wrt_min backprop_wrt_max": (
        "FakeQuantWithMinMaxVarsGradient FakeQuantWithMinMaxVarsPerChannelGradient"
    ),
    "binary_examples": "DecodeJSONExample",
    "begin size bboxes": "SampleDistortedBoundingBoxV2",
    "bins": "Bincount",
    "context_sparse_indices context_sparse_values context_sparse_shapes context_dense_values "
    "feature_list_sparse_indices feature_list_sparse_values feature_list_sparse_shapes "
    "feature_list_dense_values": "ParseSingleSequenceExample",
    "crops": "CropAndResize",
    "d_values d_default_value": "SparseFillEmptyRowsGrad",
    "dense": "SparseToDense",
    "e v": "SelfAdjointEigV2",
    "elem": "StackPopV2",
    "filename": "ShardedFilename",
    "filenames": "MatchingFiles",
    "filter_backprop": "Dilation2DBackpropFilter",
    "glimpse": "ExtractGlimpse",
    "grad_handle flow_out": "TensorArrayGradV3",
    "handle flow": "TensorArrayV3",
    "has_value": "OptionalHasValue",
    "in_backprop": "Dilation2DBackpropInput",
    "index": "Where",
    "indices ids weights": "ComputeAccidentalHits",
    "is_closed": "QueueIsClosedV2",
    "item": "TensorListGetItem",
    "key value": "ReaderReadV2",
    "length": "TensorListLength",
    "logsoftmax": "LogSoftmax",
    "loss gradient": "CTCLoss",
    "ngrams ngrams_splits": "StringNGrams",
    "num_accumulated": "AccumulatorNumAccumulated",
    "offset": "ConcatOffset",
    "out idx": "ListDiff",
    "output argmax": "MaxPoolWithArgmax",
    "output row_pooling_sequence col_pooling_sequence": "FractionalAvgPool FractionalMaxPool",
    "output value_index": "Merge",
    "output_false output_true": "Switch",
    "output_handle tensor": "TensorListPopBack",
    "output_indices output_shape": "SparseReshape",
    "output_indices output_values empty_row_indicator reverse_index_map": "SparseFillEmptyRows",
    "outputs": (
        "DynamicPartition FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel"
    ),
    "patches": "ExtractImagePatches",
    "precision": "InTopKV2",
    "q r": "Qr",
    "r0": "BroadcastArgs",
    "r0 r1": "BroadcastGradientArgs",
    "records_produced": "ReaderNumRecordsProducedV2",
    "ref": "VariableV2",
    "resource": "VarHandleOp",
    "resource_handle": "IteratorFromStringHandleV2",
    "s u v": "Svd",
    "selected_indices": "NonMaxSuppressionV3",
    "sign log_abs_determinant": "LogMatrixDeterminant",
    "softmax": "Softmax",
    "sparse_indices sparse_values sparse_shape": "DeserializeManySparse",
    "sparse_indices sparse_values sparse_shapes dense_values ragged_values ragged_row_splits": (
        "ParseExampleV2"
    ),
    "string_handle": "IteratorToStringHandle",
    "sum": "AddN",
    "sum_indices sum_values sum_shape": "SparseAdd",
    "tensor": "TensorListStack",
    "tensor lengths": "TensorListConcatV2",
    "tensors": "RestoreV2",
    "units_completed": "ReaderNumWorkUnitsCompletedV2",
    "val_grad": "SparseSliceGrad",
    "value lengths": "TensorArrayConcatV3",
    "values indices": "TopKV2",
    "x_backprop scale_backprop offset_backprop reserve_space_4 reserve_space_5": "FusedBatchNormGradV3",
    "x_grad cs_prev_grad h_prev_grad w_grad wci_grad wcf_grad wco_grad b_grad": "BlockLSTMGrad",
    "y batch_mean batch_variance reserve_space_1 reserve_space_2 reserve_space_3": "FusedBatchNormV3",
    "y idx count": "UniqueWithCounts",
}

_of_kind = {kind: labels.split() for labels, kinds in _LABELS.items() for kind in kinds.split()}


def output_labels(kind):
    """The labels of the outputs of an operation of this type; a label may stand for a list of outputs."""
    return _of_kind.get(kind, ["output"])
