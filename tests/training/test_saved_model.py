"""SavedModels: what is written into the folder, and what runs when one is loaded."""

import pytest

import minitf as tf
from minitf.graph.messages import SavedModel
from minitf.training import saved_model


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def save(folder, **options):
    """A model whose variable `v` is 3, and whose operation `begin` makes it 7."""
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=3.0)
        begin = tf.assign(v, 7.0, name="begin").op
        session.run(tf.global_variables_initializer())
        builder = tf.saved_model.builder.SavedModelBuilder(str(folder))
        chosen = {name: begin if value is None else value for name, value in options.items()}
        builder.add_meta_graph_and_variables(session, ["serve"], **chosen)
        return builder.save()


def loaded(folder):
    """(the message that `load` returned, the value of `v`)."""
    with tf.Graph().as_default(), tf.Session() as session:
        meta = tf.saved_model.loader.load(session, ["serve"], str(folder))
        return meta, session.run("v:0")


@pytest.mark.parametrize("key", [saved_model.MAIN_OP_KEY, saved_model.LEGACY_INIT_OP_KEY])
def test_what_runs_after_loading_under_its_present_and_its_older_name(tmp_path, key):
    path = save(tmp_path / "model", main_op=None)
    with open(path, "rb") as file:
        message = SavedModel.FromString(file.read())
    collections = message.meta_graphs[0].collection_def
    names = list(collections[saved_model.MAIN_OP_KEY].node_list.value)
    del collections[saved_model.MAIN_OP_KEY]
    collections[key].node_list.value.extend(names)
    with open(path, "wb") as file:
        file.write(message.SerializeToString())
    assert loaded(tmp_path / "model")[1] == 7


def test_a_loaded_graph_is_returned_as_it_was_written(tmp_path):
    save(tmp_path / "model")
    meta, value = loaded(tmp_path / "model")
    assert value == 3
    assert saved_model.MAIN_OP_KEY not in meta.collection_def


def test_attributes_that_have_their_defaults_may_be_left_out(tmp_path):
    sizes = []
    for strip in (False, True):
        with open(save(tmp_path / str(strip), strip_default_attrs=strip), "rb") as file:
            sizes.append(len(file.read()))
    assert sizes[1] < sizes[0]
    assert loaded(tmp_path / "True")[1] == 3


def test_files_travel_along_and_their_paths_are_fed(tmp_path):
    (tmp_path / "words.txt").write_text("ant\nbee\n")
    with tf.Session() as session:
        path = tf.constant(str(tmp_path / "words.txt"), name="path")
        words = tf.Variable("", name="words", validate_shape=False)
        begin = tf.assign(words, tf.read_file(path)).op
        session.run(tf.global_variables_initializer())
        builder = tf.saved_model.builder.SavedModelBuilder(str(tmp_path / "model"))
        builder.add_meta_graph_and_variables(session, ["serve"], assets_collection=[path], main_op=begin)
        builder.save()
    (tmp_path / "words.txt").unlink()
    (tmp_path / "model").rename(tmp_path / "moved")
    with tf.Graph().as_default(), tf.Session() as session:
        tf.saved_model.loader.load(session, ["serve"], str(tmp_path / "moved"), trusted=True)
        assert session.run("words:0") == b"ant\nbee\n"


@pytest.mark.parametrize("name", ["../words.txt", "/etc/passwd", ".."])
def test_an_asset_outside_of_the_folder_is_refused(tmp_path, name):
    path = save(tmp_path / "model")
    with open(path, "rb") as file:
        message = SavedModel.FromString(file.read())
    message.meta_graphs[0].asset_file_def.add(filename=name).tensor_info.name = "v:0"
    with open(path, "wb") as file:
        file.write(message.SerializeToString())
    with pytest.raises(tf.errors.DataLossError, match="outside of its folder"):
        loaded(tmp_path / "model")
