"""tf.nn: what neural networks are made of.  Re-exports only; see `ops/` for the operations themselves."""

from minitf import rnn_cell as rnn_cell
from minitf.ops.activations import log_sigmoid as log_sigmoid
from minitf.ops.activations import sigmoid as sigmoid
from minitf.ops.activations import softplus as softplus
from minitf.ops.activations import softsign as softsign
from minitf.ops.activations import swish as swish
from minitf.ops.activations import tanh as tanh
from minitf.ops.bias import bias_add as bias_add
from minitf.ops.bias import relu_layer as relu_layer
from minitf.ops.bias import xw_plus_b as xw_plus_b
from minitf.ops.blocks import depth_to_space as depth_to_space
from minitf.ops.blocks import space_to_batch as space_to_batch
from minitf.ops.blocks import space_to_depth as space_to_depth
from minitf.ops.candidates import all_candidate_sampler as all_candidate_sampler
from minitf.ops.candidates import compute_accidental_hits as compute_accidental_hits
from minitf.ops.candidates import fixed_unigram_candidate_sampler as fixed_unigram_candidate_sampler
from minitf.ops.candidates import learned_unigram_candidate_sampler as learned_unigram_candidate_sampler
from minitf.ops.candidates import log_uniform_candidate_sampler as log_uniform_candidate_sampler
from minitf.ops.candidates import nce_loss as nce_loss
from minitf.ops.candidates import sampled_softmax_loss as sampled_softmax_loss
from minitf.ops.candidates import uniform_candidate_sampler as uniform_candidate_sampler
from minitf.ops.connectionist import ctc_beam_search_decoder as ctc_beam_search_decoder
from minitf.ops.connectionist import ctc_beam_search_decoder_v2 as ctc_beam_search_decoder_v2
from minitf.ops.connectionist import ctc_greedy_decoder as ctc_greedy_decoder
from minitf.ops.connectionist import ctc_loss as ctc_loss
from minitf.ops.convolution import conv2d as conv2d
from minitf.ops.convolution import conv2d_backprop_filter as conv2d_backprop_filter
from minitf.ops.convolution import conv2d_backprop_input as conv2d_backprop_input
from minitf.ops.convolution3d import conv3d as conv3d
from minitf.ops.convolution3d import conv3d_backprop_filter as conv3d_backprop_filter
from minitf.ops.convolution_functions import atrous_conv2d as atrous_conv2d
from minitf.ops.convolution_functions import atrous_conv2d_transpose as atrous_conv2d_transpose
from minitf.ops.convolution_functions import conv1d as conv1d
from minitf.ops.convolution_functions import conv1d_transpose as conv1d_transpose
from minitf.ops.convolution_functions import conv2d_transpose as conv2d_transpose
from minitf.ops.convolution_functions import conv3d_transpose as conv3d_transpose
from minitf.ops.convolution_functions import conv_transpose as conv_transpose
from minitf.ops.convolution_functions import convolution as convolution
from minitf.ops.convolution_functions import with_space_to_batch as with_space_to_batch
from minitf.ops.cross_entropy import softmax_cross_entropy_with_logits as softmax_cross_entropy_with_logits
from minitf.ops.cross_entropy import (
    softmax_cross_entropy_with_logits_v2 as softmax_cross_entropy_with_logits_v2,
)
from minitf.ops.cross_entropy import (
    sparse_softmax_cross_entropy_with_logits as sparse_softmax_cross_entropy_with_logits,
)
from minitf.ops.depthwise import depthwise_conv2d as depthwise_conv2d
from minitf.ops.depthwise import depthwise_conv2d_backprop_filter as depthwise_conv2d_backprop_filter
from minitf.ops.depthwise import depthwise_conv2d_backprop_input as depthwise_conv2d_backprop_input
from minitf.ops.depthwise import depthwise_conv2d_native as depthwise_conv2d_native
from minitf.ops.depthwise import separable_conv2d as separable_conv2d
from minitf.ops.dropout import dropout as dropout
from minitf.ops.embedding import embedding_lookup as embedding_lookup
from minitf.ops.embedding import embedding_lookup_sparse as embedding_lookup_sparse
from minitf.ops.embedding import safe_embedding_lookup_sparse as safe_embedding_lookup_sparse
from minitf.ops.fractional_pooling import fractional_avg_pool as fractional_avg_pool
from minitf.ops.fractional_pooling import fractional_max_pool as fractional_max_pool
from minitf.ops.logistic import log_poisson_loss as log_poisson_loss
from minitf.ops.logistic import sigmoid_cross_entropy_with_logits as sigmoid_cross_entropy_with_logits
from minitf.ops.logistic import weighted_cross_entropy_with_logits as weighted_cross_entropy_with_logits
from minitf.ops.moments import batch_norm_with_global_normalization as batch_norm_with_global_normalization
from minitf.ops.moments import batch_normalization as batch_normalization
from minitf.ops.moments import l2_normalize as l2_normalize
from minitf.ops.moments import moments as moments
from minitf.ops.moments import normalize_moments as normalize_moments
from minitf.ops.moments import sufficient_statistics as sufficient_statistics
from minitf.ops.moments import weighted_moments as weighted_moments
from minitf.ops.moments import zero_fraction as zero_fraction
from minitf.ops.morphology import dilation2d as dilation2d
from minitf.ops.morphology import erosion2d as erosion2d
from minitf.ops.normalization import fused_batch_norm as fused_batch_norm
from minitf.ops.normalization import local_response_normalization as local_response_normalization
from minitf.ops.ordering import in_top_k as in_top_k
from minitf.ops.ordering import top_k as top_k
from minitf.ops.pooling_functions import avg_pool as avg_pool
from minitf.ops.pooling_functions import avg_pool1d as avg_pool1d
from minitf.ops.pooling_functions import avg_pool2d as avg_pool2d
from minitf.ops.pooling_functions import avg_pool3d as avg_pool3d
from minitf.ops.pooling_functions import avg_pool_v2 as avg_pool_v2
from minitf.ops.pooling_functions import max_pool as max_pool
from minitf.ops.pooling_functions import max_pool1d as max_pool1d
from minitf.ops.pooling_functions import max_pool2d as max_pool2d
from minitf.ops.pooling_functions import max_pool3d as max_pool3d
from minitf.ops.pooling_functions import max_pool_v2 as max_pool_v2
from minitf.ops.pooling_functions import max_pool_with_argmax as max_pool_with_argmax
from minitf.ops.pooling_functions import pool as pool
from minitf.ops.rectifiers import crelu as crelu
from minitf.ops.rectifiers import elu as elu
from minitf.ops.rectifiers import leaky_relu as leaky_relu
from minitf.ops.rectifiers import relu as relu
from minitf.ops.rectifiers import relu6 as relu6
from minitf.ops.rectifiers import selu as selu
from minitf.ops.softmax import log_softmax as log_softmax
from minitf.ops.softmax import softmax as softmax
from minitf.ops.statistics import l2_loss as l2_loss
from minitf.ops.weighting import compute_average_loss as compute_average_loss
from minitf.ops.weighting import scale_regularization_loss as scale_regularization_loss
from minitf.rnn.both_ways import bidirectional_dynamic_rnn as bidirectional_dynamic_rnn
from minitf.rnn.both_ways import static_bidirectional_rnn as static_bidirectional_rnn
from minitf.rnn.dynamic import dynamic_rnn as dynamic_rnn
from minitf.rnn.dynamic import raw_rnn as raw_rnn
from minitf.rnn.static import static_rnn as static_rnn

conv3d_backprop_filter_v2 = conv3d_backprop_filter
depthwise_conv2d_native_backprop_filter = depthwise_conv2d_backprop_filter
depthwise_conv2d_native_backprop_input = depthwise_conv2d_backprop_input
lrn = local_response_normalization
