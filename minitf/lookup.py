"""tf.lookup: tables from keys to values."""

from minitf.ops.lookup import KeyValueTensorInitializer as KeyValueTensorInitializer
from minitf.ops.lookup import StaticHashTable as StaticHashTable
from minitf.ops.lookup import StaticVocabularyTable as StaticVocabularyTable
from minitf.ops.lookup import TextFileIndex as TextFileIndex
from minitf.ops.lookup import TextFileInitializer as TextFileInitializer
