"""`tf.saved_model`: models in folders, and its little namespaces."""

from types import SimpleNamespace

from minitf.training import saved_model as _all
from minitf.training.saved_model import contains_saved_model as contains_saved_model
from minitf.training.saved_model import load as load
from minitf.training.saved_model import simple_save as simple_save

builder = SimpleNamespace(SavedModelBuilder=_all.SavedModelBuilder)
Builder = _all.SavedModelBuilder
loader = SimpleNamespace(load=load, maybe_saved_model_directory=_all.maybe_saved_model_directory)
utils = SimpleNamespace(build_tensor_info=_all.build_tensor_info)
build_tensor_info = _all.build_tensor_info
signature_def_utils = SimpleNamespace(
    build_signature_def=_all.build_signature_def, predict_signature_def=_all.predict_signature_def
)
build_signature_def, predict_signature_def = _all.build_signature_def, _all.predict_signature_def
signature_constants = SimpleNamespace(**{
    name: getattr(_all, name)
    for name in (
        "DEFAULT_SERVING_SIGNATURE_DEF_KEY", "PREDICT_METHOD_NAME", "PREDICT_INPUTS", "PREDICT_OUTPUTS",
        "CLASSIFY_METHOD_NAME", "CLASSIFY_INPUTS", "CLASSIFY_OUTPUT_CLASSES", "CLASSIFY_OUTPUT_SCORES",
        "REGRESS_METHOD_NAME", "REGRESS_INPUTS", "REGRESS_OUTPUTS",
    )
})  # fmt: skip
GPU, TPU = "gpu", "tpu"
SERVING, TRAINING = _all.SERVING, _all.TRAINING
tag_constants = SimpleNamespace(SERVING=SERVING, TRAINING=TRAINING, GPU=GPU, TPU=TPU)
constants = SimpleNamespace(
    ASSETS_DIRECTORY="assets", ASSETS_KEY="saved_model_assets", DEBUG_DIRECTORY="debug",
    DEBUG_INFO_FILENAME_PB="saved_model_debug_info.pb", LEGACY_INIT_OP_KEY=_all.LEGACY_INIT_OP_KEY,
    MAIN_OP_KEY=_all.MAIN_OP_KEY, SAVED_MODEL_FILENAME_PB="saved_model.pb",
    SAVED_MODEL_FILENAME_PBTXT="saved_model.pbtxt", SAVED_MODEL_SCHEMA_VERSION=1, VARIABLES_DIRECTORY="variables",
    VARIABLES_FILENAME="variables",
)  # fmt: skip
globals().update(vars(constants), **vars(signature_constants))
