"""The messages of TensorFlow's files: graphs, checkpoints, events, examples.

The table below gives each message's fields: name, number, type; `*` means repeated, `kind|name` one of
several alternatives, `<T>` a map from strings to T, `<int32=T>` one from numbers.  The numbers are facts of the
formats.  The classes are made in a descriptor pool of our own, so that they live beside an imported TensorFlow, which
has messages of the same names.
"""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from minitf.graph import dtypes

_TABLE = """
TensorShapeProto.Dim: size 1 int64, name 2 string
TensorShapeProto: dim 2 *TensorShapeProto.Dim, unknown_rank 3 bool
TensorProto: dtype 1 DataType, tensor_shape 2 TensorShapeProto, version_number 3 int32, tensor_content 4 bytes,
  half_val 13 *int32, float_val 5 *float, double_val 6 *double, int_val 7 *int32, string_val 8 *bytes,
  scomplex_val 9 *float, int64_val 10 *int64, bool_val 11 *bool, dcomplex_val 12 *double,
  uint32_val 16 *uint32, uint64_val 17 *uint64
VersionDef: producer 1 int32, min_consumer 2 int32, bad_consumers 3 *int32
NameAttrList: name 1 string, attr 2 <AttrValue>
AttrValue.ListValue: s 2 *bytes, i 3 *int64, f 4 *float, b 5 *bool, type 6 *DataType, shape 7 *TensorShapeProto,
  tensor 8 *TensorProto, func 9 *NameAttrList
AttrValue: value|s 2 bytes, value|i 3 int64, value|f 4 float, value|b 5 bool, value|type 6 DataType,
  value|shape 7 TensorShapeProto, value|tensor 8 TensorProto, value|list 1 AttrValue.ListValue,
  value|func 10 NameAttrList, value|placeholder 9 string
NodeDef: name 1 string, op 2 string, input 3 *string, device 4 string, attr 5 <AttrValue>
OpDef.ArgDef: name 1 string, type 3 DataType, type_attr 4 string, number_attr 5 string, type_list_attr 6 string
OpDef: name 1 string, input_arg 2 *OpDef.ArgDef, output_arg 3 *OpDef.ArgDef, is_stateful 17 bool
FunctionDef: signature 1 OpDef, node_def 3 *NodeDef, ret 4 <string>, attr 5 <AttrValue>, control_ret 6 <string>
FunctionDefLibrary: function 1 *FunctionDef
GraphDef: node 1 *NodeDef, versions 4 VersionDef, version 3 int32, library 2 FunctionDefLibrary
HistogramProto: min 1 double, max 2 double, num 3 double, sum 4 double, sum_squares 5 double,
  bucket_limit 6 *double, bucket 7 *double
SummaryMetadata.PluginData: plugin_name 1 string, content 2 bytes
SummaryMetadata: plugin_data 1 SummaryMetadata.PluginData, display_name 2 string, summary_description 3 string
Summary.Image: height 1 int32, width 2 int32, colorspace 3 int32, encoded_image_string 4 bytes
Summary.Audio: sample_rate 1 float, num_channels 2 int64, length_frames 3 int64, encoded_audio_string 4 bytes,
  content_type 5 string
Summary.Value: node_name 7 string, tag 1 string, metadata 9 SummaryMetadata, value|simple_value 2 float,
  value|obsolete_old_style_histogram 3 bytes, value|image 4 Summary.Image, value|histo 5 HistogramProto,
  value|audio 6 Summary.Audio, value|tensor 8 TensorProto
Summary: value 1 *Summary.Value
SummaryDescription: type_hint 1 string
SessionLog: status 1 SessionLog.SessionStatus, checkpoint_path 2 string, msg 3 string
TaggedRunMetadata: tag 1 string, run_metadata 2 bytes
Event: wall_time 1 double, step 2 int64, what|file_version 3 string, what|graph_def 4 bytes, what|summary 5 Summary,
  what|session_log 7 SessionLog, what|tagged_run_metadata 8 TaggedRunMetadata, what|meta_graph_def 9 bytes
BytesList: value 1 *bytes
FloatList: value 1 *float
Int64List: value 1 *int64
Feature: kind|bytes_list 1 BytesList, kind|float_list 2 FloatList, kind|int64_list 3 Int64List
Features: feature 1 <Feature>
FeatureList: feature 1 *Feature
FeatureLists: feature_list 1 <FeatureList>
Example: features 1 Features
SequenceExample: context 1 Features, feature_lists 2 FeatureLists
CheckpointState: model_checkpoint_path 1 string, all_model_checkpoint_paths 2 *string,
  all_model_checkpoint_timestamps 3 *double, last_preserved_timestamp 4 double
SaverDef: filename_tensor_name 1 string, save_tensor_name 2 string, restore_op_name 3 string, max_to_keep 4 int32,
  sharded 5 bool, keep_checkpoint_every_n_hours 6 float, version 7 SaverDef.CheckpointFormatVersion
CollectionDef.NodeList: value 1 *string
CollectionDef.BytesList: value 1 *bytes
CollectionDef.Int64List: value 1 *int64
CollectionDef.FloatList: value 1 *float
CollectionDef: kind|node_list 1 CollectionDef.NodeList, kind|bytes_list 2 CollectionDef.BytesList,
  kind|int64_list 3 CollectionDef.Int64List, kind|float_list 4 CollectionDef.FloatList
TensorInfo: encoding|name 1 string, dtype 2 DataType, tensor_shape 3 TensorShapeProto
SignatureDef: inputs 1 <TensorInfo>, outputs 2 <TensorInfo>, method_name 3 string
AssetFileDef: tensor_info 1 TensorInfo, filename 2 string
MetaGraphDef.MetaInfoDef: meta_graph_version 1 string, tags 4 *string, tensorflow_version 5 string,
  tensorflow_git_version 6 string
MetaGraphDef: meta_info_def 1 MetaGraphDef.MetaInfoDef, graph_def 2 GraphDef, saver_def 3 SaverDef,
  collection_def 4 <CollectionDef>, signature_def 5 <SignatureDef>, asset_file_def 6 *AssetFileDef
SavedModel: saved_model_schema_version 1 int64, meta_graphs 2 *MetaGraphDef
VariableDef: variable_name 1 string, initial_value_name 6 string, initializer_name 2 string, snapshot_name 3 string,
  save_slice_info_def 4 SaveSliceInfoDef, is_resource 5 bool, trainable 7 bool
SaveSliceInfoDef: full_name 1 string, full_shape 2 *int64, var_offset 3 *int64, var_shape 4 *int64
QueueRunnerDef: queue_name 1 string, enqueue_op_name 2 *string, close_op_name 3 string, cancel_op_name 4 string,
  queue_closed_exception_types 5 *int32
NodeExecStats: node_name 1 string, all_start_micros 2 int64, op_start_rel_micros 3 int64, op_end_rel_micros 4 int64,
  all_end_rel_micros 5 int64, timeline_label 8 string
DeviceStepStats: device 1 string, node_stats 2 *NodeExecStats
StepStats: dev_stats 1 *DeviceStepStats
RunMetadata: step_stats 1 StepStats
JobDef: name 1 string, tasks 2 <int32=string>
ClusterDef: job 1 *JobDef
ServerDef: cluster 1 ClusterDef, job_name 2 string, task_index 3 int32, protocol 5 string
TensorSliceProto.Extent: start 1 int64, has_length|length 2 int64
TensorSliceProto: extent 1 *TensorSliceProto.Extent
BundleHeaderProto: num_shards 1 int32, endianness 2 int32, version 3 VersionDef
BundleEntryProto: dtype 1 DataType, shape 2 TensorShapeProto, shard_id 3 int32, offset 4 int64, size 5 int64,
  crc32c 6 fixed32, slices 7 *TensorSliceProto
"""

_NAMES = {"float32": "FLOAT", "float64": "DOUBLE", "float16": "HALF"}
_ENUMS = {
    "SaverDef.CheckpointFormatVersion": {"LEGACY": 0, "V1": 1, "V2": 2},
    "SessionLog.SessionStatus": {"STATUS_UNSPECIFIED": 0, "START": 1, "STOP": 2, "CHECKPOINT": 3},
    "DataType": {"DT_INVALID": 0},
}
for _dtype in dtypes.all_types():
    _text = "DT_" + _NAMES.get(_dtype.base_dtype.name, _dtype.base_dtype.name.upper())
    _ENUMS["DataType"][_text + "_REF" * _dtype._is_ref_dtype] = _dtype.as_datatype_enum

DATA_TYPES = _ENUMS["DataType"]  # {"DT_FLOAT": 1, ...}

_FIELD = descriptor_pb2.FieldDescriptorProto


class _File:
    """Collects the table into one file descriptor."""

    def __init__(self):
        self.proto = descriptor_pb2.FileDescriptorProto(
            name="minitf.proto", package="tensorflow", syntax="proto3"
        )
        self.messages = {}
        entries = _TABLE.replace(",\n", ",").strip().split("\n")
        self.table = {name: fields for name, _, fields in (e.partition(":") for e in entries)}
        for name in sorted(self.table, key=lambda n: n.count(".")):
            self._declare(name)
        for name, values in _ENUMS.items():
            owner, _, last = name.rpartition(".")
            made = (self.messages[owner].enum_type if owner else self.proto.enum_type).add(name=last)
            for label, number in values.items():
                made.value.add(name=label, number=number)
        for name, fields in self.table.items():
            for field in filter(None, fields.split(",")):
                self._add_field(name, *field.split())

    def _declare(self, name):
        owner, _, last = name.rpartition(".")
        home = self.messages[owner].nested_type if owner else self.proto.message_type
        self.messages[name] = home.add(name=last)

    def _add_field(self, owner, label, number, kind):
        message = self.messages[owner]
        group, _, name = label.rpartition("|")
        field = message.field.add(name=name, number=int(number))
        field.label = _FIELD.LABEL_REPEATED if kind[0] in "*<" else _FIELD.LABEL_OPTIONAL
        if kind[0] == "<":
            keys, _, values = kind[1:-1].rpartition("=")
            kind = self._map_entry(owner, name, keys or "string", values)
        self._set_type(field, kind.lstrip("*"))
        if group:
            groups = [g.name for g in message.oneof_decl]
            if group not in groups:
                message.oneof_decl.add(name=group)
                groups.append(group)
            field.oneof_index = groups.index(group)

    def _map_entry(self, owner, name, keys, values):
        """A map is a repeated message of key and value, marked as a map's entry."""
        entry = "".join(part.capitalize() for part in name.split("_")) + "Entry"
        message = self.messages[owner].nested_type.add(name=entry)
        message.options.map_entry = True
        for i, (label, its_kind) in enumerate((("key", keys), ("value", values))):
            field = message.field.add(name=label, number=i + 1, label=_FIELD.LABEL_OPTIONAL)
            self._set_type(field, its_kind)
        return f"{owner}.{entry}"

    @staticmethod
    def _set_type(field, kind):
        if kind[0].islower():
            field.type = getattr(_FIELD, "TYPE_" + kind.upper())
        else:
            field.type = _FIELD.TYPE_ENUM if kind in _ENUMS else _FIELD.TYPE_MESSAGE
            field.type_name = f".tensorflow.{kind}"


def _make_classes():
    file, pool = _File(), descriptor_pool.DescriptorPool()
    pool.Add(file.proto)
    found = pool.FindMessageTypeByName
    return {n: message_factory.GetMessageClass(found(f"tensorflow.{n}")) for n in file.table if "." not in n}


globals().update(_make_classes())
