"""tf.random: random numbers."""

from minitf.ops.candidates import all_candidate_sampler as all_candidate_sampler
from minitf.ops.candidates import fixed_unigram_candidate_sampler as fixed_unigram_candidate_sampler
from minitf.ops.candidates import learned_unigram_candidate_sampler as learned_unigram_candidate_sampler
from minitf.ops.candidates import log_uniform_candidate_sampler as log_uniform_candidate_sampler
from minitf.ops.candidates import uniform_candidate_sampler as uniform_candidate_sampler
from minitf.ops.random import categorical as categorical
from minitf.ops.random import get_seed as get_seed
from minitf.ops.random import multinomial as multinomial
from minitf.ops.random import random_gamma as gamma
from minitf.ops.random import random_normal as normal
from minitf.ops.random import random_poisson as poisson
from minitf.ops.random import random_shuffle as shuffle
from minitf.ops.random import random_uniform as uniform
from minitf.ops.random import set_random_seed as set_random_seed
from minitf.ops.random import truncated_normal as truncated_normal
from minitf.ops.stateless_random import stateless_categorical as stateless_categorical
from minitf.ops.stateless_random import stateless_multinomial as stateless_multinomial
from minitf.ops.stateless_random import stateless_random_normal as stateless_normal
from minitf.ops.stateless_random import stateless_random_uniform as stateless_uniform
from minitf.ops.stateless_random import stateless_truncated_normal as stateless_truncated_normal
