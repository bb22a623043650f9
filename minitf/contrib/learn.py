"""tf.contrib.learn: the modes of a model, and text as numbers."""

import collections
import re

import numpy as np

_WORD = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z][a-z]+(?=[A-Z])|[\'\w\-]+", re.UNICODE)


class ModeKeys:
    """What a model is built for."""

    TRAIN, EVAL, INFER = "train", "eval", "infer"


class preprocessing:
    """tf.contrib.learn.preprocessing."""


def tokenizer(iterator):
    """The words of each text."""
    for text in iterator:
        yield _WORD.findall(text)


class VocabularyProcessor:
    """tf.contrib.learn.preprocessing.VocabularyProcessor: texts as rows of word numbers, all of one length.

    Word 0 is the unknown word and fills short texts; the others are numbered as they are met.
    `min_frequency` drops words that are rarer in the texts that were fitted.
    """

    def __init__(self, max_document_length, min_frequency=0, vocabulary=None, tokenizer_fn=None):
        self.max_document_length, self.min_frequency = max_document_length, min_frequency
        self.vocabulary_ = vocabulary or Vocabulary()
        self._tokenizer = tokenizer_fn or tokenizer

    def fit(self, raw_documents, unused_y=None):
        """Learn the words of the texts."""
        for words in self._tokenizer(raw_documents):
            for word in words:
                self.vocabulary_.add(word)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def transform(self, raw_documents):
        """A row of word numbers, an array of `max_document_length` integers, for each text."""
        for words in self._tokenizer(raw_documents):
            row = np.zeros(self.max_document_length, np.int64)
            for i, word in enumerate(words[: self.max_document_length]):
                row[i] = self.vocabulary_.get(word)
            yield row

    def fit_transform(self, raw_documents, unused_y=None):
        raw_documents = list(raw_documents)
        self.fit(raw_documents)
        return self.transform(raw_documents)

    def reverse(self, documents):
        """The words of rows of numbers, with spaces between."""
        for row in documents:
            yield " ".join(self.vocabulary_.reverse(int(i)) for i in row)


class Vocabulary:
    """Words and their numbers."""

    def __init__(self, unknown_token="<UNK>"):
        self._numbers, self._words = {unknown_token: 0}, [unknown_token]
        self._counts, self._frozen = collections.Counter(), False

    def __len__(self):
        return len(self._numbers)

    @property
    def _mapping(self):
        return self._numbers

    def freeze(self, freeze=True):
        self._frozen = freeze

    def get(self, word):
        """The number of a word: a new one, unless the vocabulary is frozen."""
        if word not in self._numbers:
            if self._frozen:
                return 0
            self._numbers[word] = len(self._words)
            self._words.append(word)
        return self._numbers[word]

    def add(self, word, count=1):
        if self.get(word) > 0:
            self._counts[word] += count

    def trim(self, min_frequency, max_frequency=-1):
        """Keep words that occurred more than `min_frequency` times, the most frequent first."""
        order = sorted(sorted(self._counts.items()), key=lambda pair: pair[1], reverse=True)
        kept = [(w, n) for w, n in order if n > min_frequency and (max_frequency < 0 or n < max_frequency)]
        self._words = [self._words[0], *(w for w, _ in kept)]
        self._numbers = {w: i for i, w in enumerate(self._words)}
        self._counts = collections.Counter(dict(kept))

    def reverse(self, number):
        return self._words[number]


preprocessing.VocabularyProcessor = VocabularyProcessor
preprocessing.tokenizer = staticmethod(tokenizer)
