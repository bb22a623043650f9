"""tf.strings: operations on strings."""

from minitf.ops.ngrams import string_n_grams as string_n_grams
from minitf.ops.printing import string_format as format
from minitf.ops.string_conversion import as_string as as_string
from minitf.ops.string_conversion import reduce_join as reduce_join
from minitf.ops.string_conversion import string_split_v2 as split
from minitf.ops.string_conversion import string_to_number as to_number
from minitf.ops.strings import regex_full_match as regex_full_match
from minitf.ops.strings import regex_replace as regex_replace
from minitf.ops.strings import string_join as join
from minitf.ops.strings import string_length as length
from minitf.ops.strings import string_lower as lower
from minitf.ops.strings import string_strip as strip
from minitf.ops.strings import string_to_hash_bucket as to_hash_bucket
from minitf.ops.strings import string_to_hash_bucket_fast as to_hash_bucket_fast
from minitf.ops.strings import string_to_hash_bucket_strong as to_hash_bucket_strong
from minitf.ops.strings import string_upper as upper
from minitf.ops.strings import substr as substr
